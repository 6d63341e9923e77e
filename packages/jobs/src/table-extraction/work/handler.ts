import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { tableExtraction } from "../contract.ts";
import { createTableExtractionProcessor } from "./processor.ts";

export function tableExtractionHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(tableExtraction, createTableExtractionProcessor(deps));
}
