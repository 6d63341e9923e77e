import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { imageAnalysis } from "../contract.ts";
import { createImageAnalysisProcessor } from "./processor.ts";

export function imageAnalysisHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(imageAnalysis, createImageAnalysisProcessor(deps));
}
