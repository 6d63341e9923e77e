import { ApiError, message } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { createAwaitJob } from "../../awaiting/await-job.ts";
import { untilGone } from "../../awaiting/until-gone.ts";
import { positionOf } from "../../listing/listing-cursor.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { countAgeOf } from "../count-age.ts";
import { createCountStore } from "../count-store.ts";
import { readHistory } from "./batch-history.ts";
import { readBatch } from "./batch-view.ts";
import { cancelBatch } from "./cancel-batch.ts";
import { countOne } from "./count-one.ts";
import * as http from "./schemas.ts";
import { submitBatch } from "./submit-batch.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];

type Needs = Pick<RouteDependencies, "isHeld" | "db" | "submitter" | "canceller" | "env">;

const tags = ["document-counts"];

/**
 * System 2, document counts: batches of keywords, their status, history and cancellation, and the
 * single count. @throws Error when `DOCUMENT_COUNT_CACHE_HOURS` is wrong
 */
export function documentCountRoutes(deps: Needs): FastifyPluginAsyncZod {
  const store = createCountStore(deps.db.sql, { age: countAgeOf(deps.env) });
  const awaitJob = createAwaitJob(deps.db.sql, deps.isHeld);
  const countOneOf = { awaitJob, store, submitter: deps.submitter };
  return async (app) => {
    addSubmit(app, deps);
    addStatus(app, deps);
    addHistory(app, deps);
    addCancel(app, deps);
    addCount(app, countOneOf);
  };
}

function addSubmit(app: App, { submitter }: Needs): void {
  const operationId = "startCountBatch";
  const refusals = ["idempotency_conflict", "input_too_large"] as const;
  const summary = "Count the documents of up to 1,000 keywords in the background";
  const response = { 202: http.BatchAccepted };
  app.post(
    "/api/documents/batch",
    { schema: { tags, operationId, refusals, summary, body: http.BatchRequest, response } },
    async (request, reply) => {
      const { tenantId, language } = request;
      const idempotencyKey = idempotencyKeyOf(request.headers, language);
      reply.code(202);
      return submitBatch(submitter, request.body, { tenantId, language, idempotencyKey });
    },
  );
}

function addStatus(app: App, { db }: Needs): void {
  const operationId = "getCountBatch";
  const refusals = ["batch_not_found"] as const;
  const summary = "How far a batch is, and its results so far";
  const response = { 200: http.BatchStatus };
  app.get(
    "/api/documents/status",
    { schema: { tags, operationId, refusals, summary, querystring: http.JobIdQuery, response } },
    async ({ tenantId, language, query }) => {
      const job = await readBatch(db.sql, tenantId, query.jobId, language);
      if (!job) throw new ApiError("batch_not_found");
      return { success: true as const, job };
    },
  );
}

function addHistory(app: App, { db }: Needs): void {
  const operationId = "listCountBatches";
  const summary = "The batches, newest first";
  const response = { 200: http.BatchHistory };
  app.get(
    "/api/documents/batches",
    { schema: { tags, operationId, summary, querystring: http.HistoryQuery, response } },
    async ({ tenantId, language, query: { limit, cursor } }) => {
      const after = positionOf(cursor, language);
      const page = await readHistory(db.sql, tenantId, { limit, after, language });
      return { success: true as const, ...page };
    },
  );
}

function addCancel(app: App, deps: Needs): void {
  const operationId = "cancelCountBatch";
  const refusals = ["batch_not_found", "already_finished"] as const;
  const summary = "Cancel a batch; finished keywords stay";
  const response = { 200: http.Done };
  app.delete(
    "/api/documents/batch/:jobId",
    { schema: { tags, operationId, refusals, summary, params: http.JobIdQuery, response } },
    async ({ tenantId, language, params }) => {
      await cancelBatch(deps, tenantId, params.jobId, language);
      return { success: true as const, message: message("batch_cancelled", language) };
    },
  );
}

function addCount(app: App, deps: Parameters<typeof countOne>[0]): void {
  const operationId = "countDocuments";
  const refusals = ["upstream_busy"] as const;
  const summary = "Count the documents of one keyword";
  const response = { 200: http.KeywordCount };
  app.get(
    "/api/documents/count",
    { schema: { tags, operationId, refusals, summary, querystring: http.KeywordQuery, response } },
    async ({ tenantId, query: { keyword } }, reply) => {
      const counted = await countOne(deps, { tenantId, keyword, signal: untilGone(reply) });
      return { success: true as const, ...counted };
    },
  );
}
