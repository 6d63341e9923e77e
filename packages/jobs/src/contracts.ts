import type { JobDefinition } from "@ilgam/contracts";
import { aiAnalysis } from "./ai-analysis/contract.ts";
import { documentCount } from "./document-count/contract.ts";
import { documentProcessing } from "./document-processing/contract.ts";
import { documentText } from "./document-text/contract.ts";
import { explanation } from "./explanation/contract.ts";
import { imageAnalysis } from "./image-analysis/contract.ts";
import { retention } from "./retention/contract.ts";
import { tableExtraction } from "./table-extraction/contract.ts";
import { webhookDelivery } from "./webhook-delivery/contract.ts";

/** Every kind there is. A new kind is a folder and one line here, in processors.ts and routes.ts. */
export const jobContracts: readonly JobDefinition[] = [
  documentCount,
  explanation,
  aiAnalysis,
  imageAnalysis,
  tableExtraction,
  documentProcessing,
  documentText,
  retention,
  webhookDelivery,
];
