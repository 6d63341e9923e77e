import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { aiAnalysis } from "../contract.ts";
import { createAiAnalysisProcessor } from "./processor.ts";

export function aiAnalysisHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(aiAnalysis, createAiAnalysisProcessor(deps));
}
