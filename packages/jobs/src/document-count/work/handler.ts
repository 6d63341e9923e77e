import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { documentCount } from "../contract.ts";
import { createDocumentCountProcessor } from "./processor.ts";

export function documentCountHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(documentCount, createDocumentCountProcessor(deps));
}
