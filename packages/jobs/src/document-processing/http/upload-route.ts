import { ApiError, type Language, message } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { type AwaitJob, createAwaitJob } from "../../awaiting/await-job.ts";
import { untilGone } from "../../awaiting/until-gone.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { formOnly } from "../../uploads/form-file.ts";
import type { Upload } from "../../uploads/receive-upload.ts";
import { acceptedTypes, isImage } from "../accepted-types.ts";
import { documentSettings } from "../settings.ts";
import { awaitText } from "./await-text.ts";
import { deleteDocument } from "./delete-document.ts";
import type { DocumentRow } from "./document-view.ts";
import { readChunks } from "./read-chunks.ts";
import * as http from "./schemas.ts";
import { type SubmittedDocument, submitDocument } from "./submit-document.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];
type Made = SubmittedDocument & { tenantId: string };

/** Chunks of an answer that was waited for; the others are paged. */
const firstChunks = 200;

/** `POST /api/v1/documents/upload`. @throws Error when one of the kind's settings is wrong */
export function uploadRoute(deps: RouteDependencies): (app: App) => void {
  const { textWaitMs: patienceMs } = documentSettings(deps.env);
  const awaitJob = createAwaitJob(deps.db.sql, deps.isHeld);
  const operationId = "uploadDocument";
  const refusals = [
    "idempotency_conflict",
    "document_unreadable",
    "document_not_found",
    "file_not_found",
    "upstream_busy",
  ] as const;
  const summary = "Upload a document; with use_multimodal=false its text is waited for";
  const response = { 200: http.TextReady, 202: http.Accepted };
  const schema = {
    tags: ["documents"],
    operationId,
    refusals,
    summary,
    consumes: formOnly,
    form: http.UploadForm,
    response,
  };
  return (app) => {
    app.post("/api/v1/documents/upload", { schema }, async (request, reply) => {
      const { tenantId, language } = request;
      const key = idempotencyKeyOf(request.headers, language);
      const upload = await deps.receiveUpload(request, { accept: acceptedTypes });
      const fields = await readFields(upload, language);
      const submitted = await submitDocument(deps, upload, { tenantId, fields, key });
      const uploadTime = Math.round(reply.elapsedTime / 10) / 100;
      if (!fields.use_multimodal) {
        const wait = { patienceMs, language, signal: untilGone(reply) };
        const row = await textOf({ ...deps, awaitJob }, { tenantId, ...submitted }, wait);
        if (row) {
          const text = message("document_completed", language);
          const accepted = acceptedOf(submitted, "completed", { uploadTime, text });
          return reply.code(200).send({ ...accepted, ...(await firstPage(deps, row)) });
        }
      }
      const text = message("document_accepted", language);
      return reply.code(202).send(acceptedOf(submitted, "processing", { uploadTime, text }));
    });
  };
}

/** @throws ApiError, ZodError; then nothing of the upload is kept */
async function readFields(upload: Upload, language: Language): Promise<http.UploadFields> {
  try {
    const read = http.UploadFields.parse(upload.fields, { reportInput: true });
    const [file] = upload.files;
    if (!read.use_multimodal && file && isImage(file)) {
      const problem = message("document_text_of_image", language);
      throw new ApiError("invalid_field", { details: [{ path: "use_multimodal", problem }] });
    }
    return read;
  } catch (error) {
    // The refusal is what matters; retention deletes what the store keeps for now.
    await upload.discard().catch(() => undefined);
    throw error;
  }
}

/** The text in time, or undefined. What is refused here, in the request, is not kept. */
async function textOf(
  deps: RouteDependencies & { awaitJob: AwaitJob },
  made: Made,
  wait: Parameters<typeof awaitText>[2],
): Promise<DocumentRow | undefined> {
  try {
    return await awaitText({ sql: deps.db.sql, awaitJob: deps.awaitJob }, made, wait);
  } catch (error) {
    if (error instanceof ApiError && error.code === "document_unreadable") {
      await forget(deps, made);
    }
    throw error;
  }
}

async function forget(deps: RouteDependencies, { tenantId, documentId }: Made): Promise<void> {
  try {
    await deleteDocument(deps, tenantId, String(documentId));
  } catch (error) {
    // Deleted already: a repeated upload under its Idempotency-Key.
    if (!(error instanceof ApiError)) throw error;
  }
}

function acceptedOf(
  { documentId, jobId }: SubmittedDocument,
  status: "processing" | "completed",
  { uploadTime, text }: { uploadTime: number; text: string },
) {
  return {
    success: true as const,
    document_id: documentId,
    task_id: jobId,
    status,
    processing_stats: { status, upload_time: uploadTime, message: text },
  };
}

async function firstPage({ db }: RouteDependencies, row: DocumentRow) {
  const { id, run, pages, chunks: total } = row;
  const page = { from: 0, limit: firstChunks, withEmbeddings: false };
  const chunks = await readChunks(db.sql, { id, run: run ?? 1 }, page);
  const next_cursor = (total ?? 0) > firstChunks ? String(firstChunks) : null;
  return { pages: pages ?? 1, total: total ?? chunks.length, chunks, next_cursor };
}
