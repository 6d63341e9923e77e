import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { documentCount } from "../contract.ts";
import { createDocumentCountProcessor } from "./processor.ts";

export function documentCountHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(documentCount, createDocumentCountProcessor(deps));
}
