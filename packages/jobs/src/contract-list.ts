/* Every kind: a line each, and nothing else here. `contracts.ts` makes the list of it. */
export { aiAnalysis } from "./ai-analysis/contract.ts";
export { documentCount } from "./document-count/contract.ts";
export { documentProcessing } from "./document-processing/contract.ts";
export { documentText } from "./document-text/contract.ts";
export { explanation } from "./explanation/contract.ts";
export { imageAnalysis } from "./image-analysis/contract.ts";
export { retention } from "./retention/contract.ts";
export { tableExtraction } from "./table-extraction/contract.ts";
export { webhookDelivery } from "./webhook-delivery/contract.ts";
