import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { tableExtraction } from "../contract.ts";
import { createTableExtractionProcessor } from "./processor.ts";

export function tableExtractionHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(tableExtraction, createTableExtractionProcessor(deps));
}
