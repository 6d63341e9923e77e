import { message, Priority } from "@ilgam/contracts";
import { z } from "zod";
import { submissionFields } from "../../submitting/submission-fields.ts";
import { formFile } from "../../uploads/form-file.ts";
import { DocumentProcessingPayload } from "../contract.ts";

const Flag = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => ["true", "1", "false", "0"].includes(text), {
    error: message("flag_form"),
    params: { message: "flag_form" },
  })
  .transform((text) => text === "true" || text === "1");

const Storable = z.string().refine((text) => !text.includes("\0") && text.isWellFormed(), {
  error: message("text_nul"),
  params: { message: "text_nul" },
});

/** The fields of an upload beside its file; an empty one counts as absent. */
export const UploadFields = z.preprocess(
  (fields) =>
    Object.fromEntries(Object.entries(fields as object).filter(([, value]) => value !== "")),
  z.object({
    container_id: Storable.pipe(DocumentProcessingPayload.shape.containerId.unwrap().unwrap())
      .nullable()
      .default(null),
    use_multimodal: Flag.default(true),
    priority: Priority.default("normal"),
    ...submissionFields,
  }),
);
export type UploadFields = z.output<typeof UploadFields>;

/** The form of an upload, as the API's description says it. */
export const UploadForm = z.object({
  file: formFile,
  container_id: z.string().min(1).max(200).optional(),
  use_multimodal: z.enum(["true", "false", "1", "0"]).optional(),
  priority: Priority.optional(),
  ...submissionFields,
});

const documentId = z.int().min(1);
const status = z.enum(["pending", "processing", "completed", "failed"]);
const timestamp = z.string().nullable().meta({ description: "ISO 8601, UTC." });

const ChunkView = z
  .object({
    position: z.int().min(0),
    page_from: z.int().min(1),
    page_to: z.int().min(1),
    tokens: z.int().min(0),
    content: z.string(),
    embedding: z.array(z.number()).nullish(),
  })
  .meta({ id: "DocumentChunk" });

export const Accepted = z
  .object({
    success: z.literal(true),
    document_id: documentId,
    task_id: z.uuid(),
    status,
    processing_stats: z.object({
      status,
      upload_time: z.number().meta({ description: "Seconds." }),
      message: z.string(),
    }),
  })
  .meta({ id: "DocumentAccepted" });

export const TextReady = Accepted.extend({
  pages: z.int(),
  total: z.int(),
  chunks: z.array(ChunkView),
  next_cursor: z.string().nullable(),
}).meta({ id: "DocumentText" });

export const StatusAnswer = z
  .object({
    success: z.literal(true),
    document_id: documentId,
    file_name: z.string(),
    status,
    progress: z.int().min(0).max(100),
    message: z.string(),
    started_at: timestamp,
    completed_at: timestamp,
    error: z.string().nullable(),
  })
  .meta({ id: "DocumentStatus" });

const DocumentView = z
  .object({
    document_id: documentId,
    task_id: z.uuid(),
    container_id: z.string().nullable(),
    file_name: z.string(),
    media_type: z.string(),
    status,
    progress: z.int(),
    pages: z.int().nullable(),
    chunks: z.int().nullable(),
    tokens: z.int().nullable(),
    embedding_model: z.string().nullable(),
    embedding_dimension: z.int().nullable(),
    created_at: timestamp,
    completed_at: timestamp,
    error: z.string().nullable(),
  })
  .meta({ id: "Document" });
export type DocumentView = z.infer<typeof DocumentView>;

export const DocumentAnswer = z
  .object({ success: z.literal(true), document: DocumentView })
  .meta({ id: "DocumentAnswer" });

export const DocumentList = z
  .object({
    success: z.literal(true),
    documents: z.array(DocumentView),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "DocumentList" });

export const ChunkList = z
  .object({
    success: z.literal(true),
    document_id: documentId,
    total: z.int(),
    chunks: z.array(ChunkView),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "DocumentChunks" });

export const Deleted = z
  .object({ success: z.literal(true), message: z.string() })
  .meta({ id: "DocumentDeleted" });

export const IdParams = z.object({ id: z.string().max(200) });

/** The `next_cursor` of an earlier answer. */
const Cursor = z
  .string()
  .regex(/^\d{1,15}$/, message("cursor_unknown"))
  .transform(Number);
const limit = (fallback: number) => z.coerce.number().int().min(1).max(200).default(fallback);

export const ListQuery = z.object({
  // Empty counts as absent, as in an upload.
  container_id: Storable.transform((id) => id || undefined).optional(),
  limit: limit(50),
  cursor: Cursor.optional(),
});

export const ChunksQuery = z.object({
  limit: limit(50),
  cursor: Cursor.default(0),
  embeddings: Flag.default(false).meta({ description: "true: with the vectors." }),
});
