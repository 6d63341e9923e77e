import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { explanation } from "../contract.ts";
import { createExplanationProcessor } from "./processor.ts";
import { storeExplanation } from "./store-explanation.ts";

export function explanationHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(explanation, createExplanationProcessor(deps), {
    onCompleted: storeExplanation,
  });
}
