import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { imageAnalysis } from "../contract.ts";
import { createImageAnalysisProcessor } from "./processor.ts";

export function imageAnalysisHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(imageAnalysis, createImageAnalysisProcessor(deps));
}
