import { documentSettings } from "../../document-processing/settings.ts";
import { finishDocument } from "../../document-processing/work/finish-document.ts";
import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { documentText } from "../contract.ts";
import { createDocumentTextProcessor } from "./processor.ts";

/** @throws Error naming the settings that are wrong */
export function documentTextHandler(deps: HandlerDependencies): KindHandler {
  const settings = documentSettings(deps.env);
  return handlerOf(documentText, createDocumentTextProcessor({ ...deps, settings }), {
    onCompleted: (tx, job) =>
      finishDocument(tx, job, { ...job.result, model: null, dimension: null }),
  });
}
