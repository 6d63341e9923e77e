import { defineJob } from "@ilgam/contracts";
import { z } from "zod";

const DocumentTextPayload = z.strictObject({
  /** A stored file of the same tenant. */
  fileId: z.uuid(),
  /** The client's own grouping. */
  containerId: z.string().trim().min(1).max(200).nullable().default(null),
});

const DocumentTextResult = z.object({
  documentId: z.int().min(1),
  pages: z.int().min(1),
  chunks: z.int().min(0),
  tokens: z.int().min(0),
  /** Hash of the settings it was made with; absent in results of older releases. */
  settings: z.string().optional(),
});

/**
 * The text of a document, without any call to a model. Somebody waits for it in a request, so it has
 * a queue of its own: it must not stand behind documents that take minutes.
 */
export const documentText = defineJob({
  kind: "document-text",
  summary: "Reads the text of a document and cuts it into chunks.",
  payload: DocumentTextPayload,
  result: DocumentTextResult,
  queue: { concurrency: 2 },
  attempts: 2,
  backoff: { baseMs: 1_000 },
  timeoutMs: 600_000,
  providers: ["storage"],
  internal: true,
  examples: {
    valid: [{ fileId: "019a0000-0000-7000-8000-000000000001" }],
    invalid: [{}, { fileId: "a.pdf" }, { fileId: 7 }],
  },
});
