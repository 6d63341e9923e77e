import type { Sql } from "@ilgam/db";
import type { Storage } from "@ilgam/storage";
import type { AiClient, DataSource, Embedder, NaverSearch, WebhookSender } from "@ilgam/upstream";
import { aiAnalysis } from "./ai-analysis/contract.ts";
import { createAiAnalysisProcessor } from "./ai-analysis/work/processor.ts";
import { documentCount } from "./document-count/contract.ts";
import { createDocumentCountProcessor } from "./document-count/work/processor.ts";
import { documentProcessing } from "./document-processing/contract.ts";
import { documentSettings } from "./document-processing/settings.ts";
import { finishDocument } from "./document-processing/work/finish-document.ts";
import { createDocumentProcessor } from "./document-processing/work/processor.ts";
import { documentText } from "./document-text/contract.ts";
import { createDocumentTextProcessor } from "./document-text/work/processor.ts";
import { explanation } from "./explanation/contract.ts";
import { createExplanationProcessor } from "./explanation/work/processor.ts";
import { storeExplanation } from "./explanation/work/store-explanation.ts";
import { imageAnalysis } from "./image-analysis/contract.ts";
import { createImageAnalysisProcessor } from "./image-analysis/work/processor.ts";
import { handlerOf, type KindHandler } from "./job-context.ts";
import { retention } from "./retention/contract.ts";
import { createRetentionProcessor } from "./retention/work/processor.ts";
import { tableExtraction } from "./table-extraction/contract.ts";
import { createTableExtractionProcessor } from "./table-extraction/work/processor.ts";
import type { FileStore } from "./uploads/file-store.ts";
import { webhookDelivery } from "./webhook-delivery/contract.ts";
import { createWebhookDeliveryProcessor } from "./webhook-delivery/work/processor.ts";

export type { JobContext, KindHandler } from "./job-context.ts";

export type HandlerDependencies = {
  sql: Sql;
  naver: Pick<NaverSearch, "count">;
  ai: Pick<AiClient, "chat">;
  embedder: Pick<Embedder, "embed" | "model">;
  webhooks: Pick<WebhookSender, "send">;
  /** Stored files and their rows. */
  files: FileStore;
  /** Where a kind's own files come in: `files.save(await storage.receive(stream, …), …)`. */
  storage: Storage;
  /** What questions are about when they bring no data; undefined: the operator has set none. */
  aiData?: Pick<DataSource, "ask"> | undefined;
  /** Settings of the kinds, such as `DOCUMENT_COUNT_CACHE_HOURS`. @throws Error for a wrong one */
  env: Record<string, string | undefined>;
};

/** Every kind with its processor, in the order of `jobContracts`. */
export function createHandlers(deps: HandlerDependencies): KindHandler[] {
  const settings = documentSettings(deps.env);
  return [
    handlerOf(aiAnalysis, createAiAnalysisProcessor(deps)),
    handlerOf(documentCount, createDocumentCountProcessor(deps)),
    handlerOf(explanation, createExplanationProcessor(deps), { onCompleted: storeExplanation }),
    handlerOf(imageAnalysis, createImageAnalysisProcessor(deps)),
    handlerOf(tableExtraction, createTableExtractionProcessor(deps)),
    handlerOf(documentProcessing, createDocumentProcessor({ ...deps, settings }), {
      onCompleted: (tx, job) => finishDocument(tx, job, job.result),
    }),
    handlerOf(documentText, createDocumentTextProcessor({ ...deps, settings }), {
      onCompleted: (tx, job) =>
        finishDocument(tx, job, { ...job.result, model: null, dimension: null }),
    }),
    handlerOf(retention, createRetentionProcessor(deps)),
    handlerOf(webhookDelivery, createWebhookDeliveryProcessor(deps)),
  ];
}
