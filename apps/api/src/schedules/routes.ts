import { JobView, SchedulePatch, ScheduleSubmission, ScheduleView } from "@ilgam/contracts";
import { listSchedules } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { idempotencyKeyOf } from "../jobs/idempotency-key.ts";
import { narrow } from "../jobs/job-filter.ts";
import { submitOne } from "../jobs/submit-one.ts";
import { decodeCursor, PageQuery, pageOf } from "../pages.ts";
import { createScheduleService } from "./schedule-service.ts";
import { scheduleView } from "./schedule-view.ts";

const tags = ["schedules"];
const params = z.object({ id: z.string().meta({ description: "The schedule's id." }) });
const SchedulePage = z
  .object({ schedules: z.array(ScheduleView), nextCursor: z.string().nullable() })
  .meta({ id: "SchedulePage" });
const wrong = [
  ...(["malformed_json", "invalid_field", "unknown_kind"] as const),
  ...(["input_too_large", "schedule_exists"] as const),
] as const;

/** `/v1/schedules`: jobs that are submitted by the clock. */
export function scheduleRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    const schedules = createScheduleService({
      ...services,
      onRedisError: (error) => app.log.warn({ cause: String(error) }, "Redis does not answer"),
    });
    await app.register(collectionRoutes(services, schedules));
    await app.register(oneScheduleRoutes(schedules));
    await app.register(runRoute(services, schedules));
  };
}

type Schedules = ReturnType<typeof createScheduleService>;

function collectionRoutes({ db }: AppServices, schedules: Schedules): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/schedules",
      {
        schema: {
          tags,
          operationId: "createSchedule",
          summary: "Submit a job by the clock",
          body: ScheduleSubmission,
          response: answers({ 201: ScheduleView }, wrong),
        },
      },
      async ({ tenantId, body, language }, reply) => {
        const row = await schedules.create(tenantId, body, language);
        const location = `/v1/schedules/${row.id}`;
        return reply.code(201).header("location", location).send(scheduleView(row, language));
      },
    );
    app.get(
      "/v1/schedules",
      {
        schema: {
          tags,
          operationId: "listSchedules",
          summary: "List schedules, newest first",
          querystring: z.object({ tenant: z.string().max(100).optional(), ...PageQuery }),
          response: answers({ 200: SchedulePage }, ["invalid_field", "forbidden"]),
        },
      },
      async (request) => {
        const { limit, cursor, tenant } = request.query;
        const page = { limit: limit + 1, after: decodeCursor(cursor) };
        const rows = await listSchedules(db.sql, narrow(request.scope, tenant), page);
        const { rows: shown, nextCursor } = pageOf(rows, limit, (row) => row);
        return { schedules: shown.map((row) => scheduleView(row, request.language)), nextCursor };
      },
    );
  };
}

function oneScheduleRoutes(schedules: Schedules): FastifyPluginAsyncZod {
  const url = "/v1/schedules/:id";
  return async (app) => {
    app.get(
      url,
      {
        schema: {
          tags,
          operationId: "getSchedule",
          summary: "Read a schedule",
          params,
          response: answers({ 200: ScheduleView }, ["schedule_not_found"]),
        },
      },
      async (request) => {
        const row = await schedules.find(request.scope, request.params.id);
        return scheduleView(row, request.language);
      },
    );
    app.patch(
      url,
      {
        schema: {
          tags,
          operationId: "updateSchedule",
          summary: "Change, enable or disable a schedule",
          params,
          body: SchedulePatch,
          response: answers({ 200: ScheduleView }, [...wrong, "schedule_not_found", "overloaded"]),
        },
      },
      async (request) => {
        const { params: at, body, language } = request;
        const row = await schedules.change(request.scope, at.id, body, language);
        return scheduleView(row, language);
      },
    );
    app.delete(
      url,
      {
        schema: {
          tags,
          operationId: "deleteSchedule",
          summary: "Remove a schedule; the jobs that it made stay",
          params,
          response: answers({ 204: z.null() }, ["schedule_not_found"]),
        },
      },
      async (request, reply) => {
        await schedules.remove(request.scope, request.params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function runRoute(services: AppServices, schedules: Schedules): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/schedules/:id/run",
      {
        schema: {
          tags,
          operationId: "runSchedule",
          summary: "Submit the schedule's job now, beside its planned times",
          params,
          response: answers({ 202: JobView }, [
            ...(["schedule_not_found", "invalid_field", "idempotency_conflict"] as const),
          ]),
        },
      },
      async (request, reply) => {
        const schedule = await schedules.find(request.scope, request.params.id);
        const { id, tenantId, kind, input, priority, tags: jobTags, name } = schedule;
        const key = idempotencyKeyOf(request);
        const metadata = { scheduleId: id, scheduleName: name };
        const { job, replayed } = await submitOne(
          services,
          { kind, input, priority, tags: jobTags, metadata },
          { tenantId, language: request.language },
          key === undefined ? undefined : { route: `POST /v1/schedules/${id}/run`, key },
        );
        if (replayed) reply.header("idempotency-replayed", "true");
        return reply.code(202).header("location", `/v1/jobs/${job.id}`).send(job);
      },
    );
  };
}
