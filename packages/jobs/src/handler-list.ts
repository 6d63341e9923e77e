/* Every kind: a line each, and nothing else here. `processors.ts` makes the list of it. */
export { aiAnalysisHandler } from "./ai-analysis/work/handler.ts";
export { documentCountHandler } from "./document-count/work/handler.ts";
export { documentProcessingHandler } from "./document-processing/work/handler.ts";
export { documentTextHandler } from "./document-text/work/handler.ts";
export { explanationHandler } from "./explanation/work/handler.ts";
export { imageAnalysisHandler } from "./image-analysis/work/handler.ts";
export { retentionHandler } from "./retention/work/handler.ts";
export { tableExtractionHandler } from "./table-extraction/work/handler.ts";
export { webhookDeliveryHandler } from "./webhook-delivery/work/handler.ts";
