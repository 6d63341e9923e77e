import { ApiError, message } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { deleteDocument } from "./delete-document.ts";
import {
  type DocumentRow,
  errorOf,
  findDocument,
  listDocuments,
  messageOf,
  progressOf,
  statusOf,
} from "./document-view.ts";
import { readChunks } from "./read-chunks.ts";
import * as http from "./schemas.ts";
import { uploadRoute } from "./upload-route.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];
type Needs = Pick<RouteDependencies, "db" | "canceller" | "files">;

const tags = ["documents"];

/**
 * System 3, documents: upload, status, the documents and their chunks, deletion.
 * @throws Error when one of the kind's settings is wrong
 */
export function documentRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  const addUpload = uploadRoute(deps);
  return async (app) => {
    addUpload(app);
    addStatus(app, deps);
    addReads(app, deps);
    addChunks(app, deps);
    addDelete(app, deps);
  };
}

function addStatus(app: App, { db }: Needs): void {
  const operationId = "getDocumentStatus";
  const refusals = ["document_not_found"] as const;
  const summary = "How far a document is, and what is being done";
  const response = { 200: http.StatusAnswer };
  app.get(
    "/api/v1/documents/:id/status",
    { schema: { tags, operationId, refusals, summary, params: http.IdParams, response } },
    async ({ tenantId, language, params }) => {
      const row = await mustFind(db, tenantId, params.id);
      return {
        success: true as const,
        document_id: row.id,
        file_name: row.fileName,
        status: statusOf(row),
        progress: progressOf(row),
        message: messageOf(row, language),
        started_at: row.startedAt?.toISOString() ?? null,
        completed_at: row.completedAt?.toISOString() ?? null,
        error: errorOf(row, language),
      };
    },
  );
}

function addReads(app: App, { db }: Needs): void {
  app.get(
    "/api/v1/documents",
    {
      schema: {
        ...{
          tags,
          operationId: "listDocuments",
          summary: "The documents, newest first; of one container where it is named",
        },
        ...{ querystring: http.ListQuery, response: { 200: http.DocumentList } },
      },
    },
    async ({ tenantId, language, query: { container_id: containerId, limit, cursor: before } }) => {
      const rows = await listDocuments(db.sql, tenantId, { containerId, before, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      return {
        success: true as const,
        documents: shown.map((row) => viewOf(row, language)),
        next_cursor: rows.length > limit ? String(shown.at(-1)?.id) : null,
      };
    },
  );
  app.get(
    "/api/v1/documents/:id",
    {
      schema: {
        ...{
          tags,
          operationId: "getDocument",
          refusals: ["document_not_found"],
          summary: "Read a document: its pages, chunks and tokens",
        },
        ...{ params: http.IdParams, response: { 200: http.DocumentAnswer } },
      },
    },
    async ({ tenantId, language, params }) => {
      const document = viewOf(await mustFind(db, tenantId, params.id), language);
      return { success: true as const, document };
    },
  );
}

function addChunks(app: App, { db }: Needs): void {
  const operationId = "listDocumentChunks";
  const refusals = ["document_not_found", "document_not_ready"] as const;
  const summary = "The chunks of a processed document, page by page";
  const response = { 200: http.ChunkList };
  app.get(
    "/api/v1/documents/:id/chunks",
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        params: http.IdParams,
        querystring: http.ChunksQuery,
        response,
      },
    },
    async ({ tenantId, params, query: { limit, cursor: from, embeddings } }) => {
      const row = await mustFind(db, tenantId, params.id);
      const { id, run } = row;
      if (run === null) {
        throw new ApiError("document_not_ready", { values: { status: statusOf(row) } });
      }
      const page = { from, limit, withEmbeddings: embeddings };
      const chunks = await readChunks(db.sql, { id, run }, page);
      const total = row.chunks ?? 0;
      const next_cursor = from + chunks.length < total ? String(from + chunks.length) : null;
      return { success: true as const, document_id: id, total, chunks, next_cursor };
    },
  );
}

function addDelete(app: App, deps: Needs): void {
  const operationId = "deleteDocument";
  const refusals = ["document_not_found"] as const;
  const summary = "Delete a document with its chunks and its file; its open job is cancelled";
  const response = { 200: http.Deleted };
  app.delete(
    "/api/v1/documents/:id",
    { schema: { tags, operationId, refusals, summary, params: http.IdParams, response } },
    async ({ tenantId, language, params }) => {
      await deleteDocument(deps, tenantId, params.id);
      return { success: true as const, message: message("document_deleted", language) };
    },
  );
}

async function mustFind(db: Needs["db"], tenantId: string, id: string): Promise<DocumentRow> {
  const row = await findDocument(db.sql, tenantId, id);
  if (!row) throw new ApiError("document_not_found");
  return row;
}

function viewOf(row: DocumentRow, language: FastifyRequest["language"]): http.DocumentView {
  return {
    document_id: row.id,
    task_id: row.jobId,
    container_id: row.containerId,
    file_name: row.fileName,
    media_type: row.mediaType,
    status: statusOf(row),
    progress: progressOf(row),
    pages: row.pages,
    chunks: row.chunks,
    tokens: row.tokens,
    embedding_model: row.model,
    embedding_dimension: row.dimension,
    created_at: row.createdAt.toISOString(),
    completed_at: row.completedAt?.toISOString() ?? null,
    error: errorOf(row, language),
  };
}
