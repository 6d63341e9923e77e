import { ApiError } from "@ilgam/contracts";
import type { EventRow, JobDetail } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { badCursor } from "../pages.ts";
import { JobAttempts, JobEvents, JobParams, JobResult } from "./schemas.ts";

const tags = ["jobs"];

const EventsQuery = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

/** Result, events and attempts of a job. */
export function jobHistoryRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(resultRoute(services));
    await app.register(eventsRoute(services));
    await app.register(attemptsRoute(services));
  };
}

function resultRoute({ views, reads }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/jobs/:id/result",
      {
        schema: {
          tags,
          operationId: "getJobResult",
          summary: "Read what a job gave, by default in its present run",
          params: JobParams,
          querystring: z.object({
            run: z.coerce
              .number()
              .int()
              .min(1)
              .max(2 ** 31 - 1)
              .optional(),
          }),
          response: answers({ 200: JobResult }, [
            "job_not_found",
            "result_not_ready",
            "invalid_field",
          ]),
        },
      },
      async ({ scope, params, query }) => {
        const job = await views.find(scope, params.id);
        const result = await reads.jobs.result(scope, job.id, query.run ?? job.run);
        if (!result) throw new ApiError("result_not_ready", { values: { status: job.status } });
        const { run, output, createdAt } = result;
        return { jobId: job.id, run, output, completedAt: createdAt.toISOString() };
      },
    );
  };
}

function eventsRoute({ views, reads }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/jobs/:id/events",
      {
        schema: {
          tags,
          operationId: "listJobEvents",
          summary: "Read a job's events in their order; cursor is the last seq seen",
          params: JobParams,
          querystring: EventsQuery,
          response: answers({ 200: JobEvents }, ["job_not_found", "invalid_field"]),
        },
      },
      async ({ scope, params, query }) => {
        const job = await views.find(scope, params.id);
        const afterSeq = eventCursor(query.cursor);
        const { limit } = query;
        const page = { afterSeq: Math.max(0, afterSeq), limit };
        const stored = await reads.jobs.events(scope, job.id, page);
        const events = [...(afterSeq < 0 ? [submissionOf(job)] : []), ...stored].slice(0, limit);
        return {
          events: events.map((event) => ({ ...event, at: event.at.toISOString() })),
          nextCursor: events.length < limit ? null : String(events.at(-1)?.seq),
        };
      },
    );
  };
}

function attemptsRoute({ views, reads }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/jobs/:id/attempts",
      {
        schema: {
          tags,
          operationId: "listJobAttempts",
          summary: "Read a job's ended attempts, of all its runs",
          params: JobParams,
          response: answers({ 200: JobAttempts }, ["job_not_found"]),
        },
      },
      async ({ scope, params }) => {
        const job = await views.find(scope, params.id);
        const attempts = await reads.jobs.attempts(scope, job.id);
        return {
          attempts: attempts.map((attempt) => ({
            ...attempt,
            startedAt: attempt.startedAt.toISOString(),
            endedAt: attempt.endedAt.toISOString(),
          })),
        };
      },
    );
  };
}

/** Submission writes no event: the job's own row tells it. */
function submissionOf(job: JobDetail): EventRow {
  return { seq: 0, run: 1, type: "state", data: { status: "queued" }, at: job.createdAt };
}

/** -1: from the submission on. */
function eventCursor(cursor: string | undefined): number {
  if (cursor === undefined) return -1;
  const seq = Number(cursor);
  if (!Number.isSafeInteger(seq)) throw badCursor();
  return seq;
}
