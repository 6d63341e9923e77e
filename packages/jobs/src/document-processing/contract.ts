import { defineJob } from "@ilgam/contracts";
import { z } from "zod";

export const DocumentProcessingPayload = z.strictObject({
  /** A stored file of the same tenant. */
  fileId: z.uuid(),
  /** The client's own grouping. */
  containerId: z.string().trim().min(1).max(200).nullable().default(null),
});
export type DocumentProcessingPayload = z.infer<typeof DocumentProcessingPayload>;

/** What was made of a document; the chunks themselves stand in tables of their own. */
export const DocumentProcessingResult = z.object({
  documentId: z.int().min(1),
  pages: z.int().min(1),
  chunks: z.int().min(0),
  tokens: z.int().min(0),
  /** As the embedding service names it; null for a document without text. */
  model: z.string().nullable(),
  dimension: z.int().min(1).nullable(),
  /** True when it was copied from the same file, computed before with the same settings. */
  reused: z.boolean(),
  /**
   * Hash of the settings it was made with, `mixed` when processes of several settings took part;
   * absent in results of older releases.
   */
  settings: z.string().optional(),
});
export type DocumentProcessingResult = z.infer<typeof DocumentProcessingResult>;

/** Uploaded documents made ready for search: text, pictures in words, chunks and their vectors. */
export const documentProcessing = defineJob({
  kind: "document-processing",
  summary:
    "Reads a document, describes its images, cuts it into chunks and computes their embeddings.",
  payload: DocumentProcessingPayload,
  result: DocumentProcessingResult,
  queue: { concurrency: 1 },
  attempts: 4,
  backoff: { baseMs: 5_000 },
  timeoutMs: 3_600_000,
  providers: ["openai", "embedding", "storage"],
  examples: {
    valid: [
      { fileId: "019a0000-0000-7000-8000-000000000001" },
      { fileId: "019a0000-0000-7000-8000-000000000001", containerId: " 보고서 " },
    ],
    invalid: [
      {},
      { fileId: 7 },
      { fileId: "../../etc/passwd" },
      { fileId: "019a0000-0000-7000-8000-000000000001", containerId: "" },
      { fileId: "019a0000-0000-7000-8000-000000000001", containerId: "가".repeat(201) },
      { fileId: "019a0000-0000-7000-8000-000000000001", colour: "red" },
    ],
  },
});
