import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { explanation } from "../contract.ts";
import { createExplanationProcessor } from "./processor.ts";
import { storeExplanation } from "./store-explanation.ts";

export function explanationHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(explanation, createExplanationProcessor(deps), {
    onCompleted: storeExplanation,
  });
}
