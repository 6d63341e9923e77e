import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { createAwaitJob } from "../../awaiting/await-job.ts";
import { untilGone } from "../../awaiting/until-gone.ts";
import { positionOf } from "../../listing/listing-cursor.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { cancelAiJob } from "./cancel-job.ts";
import { createEstimate } from "./estimate.ts";
import { readLogs } from "./job-logs.ts";
import { readJob } from "./job-view.ts";
import { listAiJobs } from "./list-jobs.ts";
import { routingOf } from "./routing.ts";
import * as http from "./schemas.ts";
import { type SubmitDependencies, submitAiJob } from "./submit-job.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];

const tags = ["ai-jobs"];

/**
 * System 4, the AI job queue: submit, read, list, cancel, logs.
 * @throws Error when `ENABLE_JOB_QUEUE`, `ENABLE_COMPLEXITY_ROUTING` or `AI_SYNC_WAIT_MS` is wrong
 */
export function aiAnalysisRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  const { sql } = deps.db;
  const routing = routingOf(deps.env);
  const submitting = {
    ...{ db: deps.db, submitter: deps.submitter, routing },
    awaitJob: createAwaitJob(sql, deps.isHeld),
    estimate: createEstimate(sql),
  };
  return async (app) => {
    addSubmit(app, submitting);
    addRead(app, deps);
    addList(app, deps);
    addLogs(app, deps);
    addCancel(app, deps);
  };
}

function addSubmit(app: App, deps: SubmitDependencies): void {
  const operationId = "askAi";
  const refusals = ["idempotency_conflict", "input_too_large", "upstream_busy"] as const;
  const summary = "Ask a question: a simple one is answered at once, a complex one by a job";
  const response = { 200: http.JobEnded, 202: http.JobQueued };
  app.post(
    "/api/ai/jobs",
    { schema: { tags, operationId, refusals, summary, body: http.JobRequest, response } },
    async (request, reply) => {
      const { tenantId, language } = request;
      const idempotencyKey = idempotencyKeyOf(request.headers, language);
      const caller = { tenantId, language, idempotencyKey, signal: untilGone(reply) };
      const answer = await submitAiJob(deps, request.body, caller);
      if (answer.status === "queued") return reply.code(202).send(answer);
      return reply.code(200).send(answer);
    },
  );
}

function addRead(app: App, { db }: RouteDependencies): void {
  const operationId = "getAiJob";
  const refusals = ["ai_job_not_found"] as const;
  const summary = "How far a question is, and its result";
  const response = { 200: http.JobView };
  app.get(
    "/api/ai/jobs/:id",
    { schema: { tags, operationId, refusals, summary, params: http.JobParams, response } },
    ({ tenantId, language, params }) => readJob(db.sql, tenantId, params.id, language),
  );
}

function addList(app: App, { db }: RouteDependencies): void {
  const operationId = "listAiJobs";
  const summary = "The questions, newest first";
  const response = { 200: http.JobList };
  app.get(
    "/api/ai/jobs",
    { schema: { tags, operationId, summary, querystring: http.ListQuery, response } },
    ({ tenantId, language, query: { cursor, ...page } }) =>
      listAiJobs(db.sql, tenantId, { ...page, after: positionOf(cursor, language) }, language),
  );
}

function addLogs(app: App, { db }: RouteDependencies): void {
  const operationId = "listAiJobLogs";
  const refusals = ["ai_job_not_found"] as const;
  const summary = "A question's log: each change of state, step and try";
  const response = { 200: http.JobLogs };
  app.get(
    "/api/ai/jobs/:id/logs",
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        params: http.JobParams,
        querystring: http.LogsQuery,
        response,
      },
    },
    ({ tenantId, language, params, query: { cursor: after, limit } }) =>
      readLogs(db.sql, tenantId, params.id, { after, limit, language }),
  );
}

function addCancel(app: App, deps: RouteDependencies): void {
  const operationId = "cancelAiJob";
  const refusals = ["ai_job_not_found", "already_finished"] as const;
  const summary = "Cancel a question, waiting or running";
  const response = { 200: http.JobCancelled };
  app.delete(
    "/api/ai/jobs/:id",
    { schema: { tags, operationId, refusals, summary, params: http.JobParams, response } },
    async ({ tenantId, params }) => ({
      jobId: await cancelAiJob(deps, tenantId, params.id),
      status: "cancelled" as const,
    }),
  );
}
