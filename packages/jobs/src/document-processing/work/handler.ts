import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { documentProcessing } from "../contract.ts";
import { documentSettings } from "../settings.ts";
import { finishDocument } from "./finish-document.ts";
import { createDocumentProcessor } from "./processor.ts";

/** @throws Error naming the settings that are wrong */
export function documentProcessingHandler(deps: HandlerDependencies): KindHandler {
  const settings = documentSettings(deps.env);
  return handlerOf(documentProcessing, createDocumentProcessor({ ...deps, settings }), {
    onCompleted: (tx, job) => finishDocument(tx, job, job.result),
  });
}
