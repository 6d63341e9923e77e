import { ApiError, message } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { cursorOf, positionOf } from "../../listing/listing-cursor.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { cleanUpTasks } from "../clean-up-tasks.ts";
import { anyBody, fieldsOfAnyBody, takeFormBodies } from "./form-body.ts";
import * as http from "./schemas.ts";
import { countTasks, findTask, listTasks, readResult } from "./task-store.ts";
import { summaryOf, viewOf } from "./task-view.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];
type Needs = Pick<RouteDependencies, "db" | "canceller" | "files">;

const tags = ["images"];

/** The tasks of system 5, of both its kinds: status, list, cancellation, clean-up. */
export function taskRoutes(deps: Needs): FastifyPluginAsyncZod {
  return async (app) => {
    addStatus(app, deps);
    addList(app, deps);
    addCancel(app, deps);
    await app.register(async (scope) => {
      takeFormBodies(scope);
      addCleanUp(scope, deps);
    });
  };
}

function addStatus(app: App, { db }: Needs): void {
  const operationId = "getImageTask";
  const refusals = ["task_not_found"] as const;
  const summary = "How far a task is, and what came out";
  const response = { 200: http.TaskStatusAnswer };
  app.get(
    "/background/task-status/:task_id",
    { schema: { tags, operationId, refusals, summary, params: http.TaskParams, response } },
    async ({ tenantId, language, params }) => {
      const row = await findTask(db.sql, tenantId, params.task_id);
      if (!row) throw unknownTask(params.task_id);
      const result =
        row.status === "completed" ? await readResult(db.sql, tenantId, row.id) : undefined;
      return { success: true as const, task_status: viewOf(row, language, result) };
    },
  );
}

function addList(app: App, { db }: Needs): void {
  const operationId = "listImageTasks";
  const summary = "The tasks, newest first; without a limit all, up to 10,000";
  const response = { 200: http.TaskList };
  app.get(
    "/background/all-tasks",
    { schema: { tags, operationId, summary, querystring: http.ListQuery, response } },
    async ({ tenantId, language, query: { limit = http.mostListed, cursor } }) => {
      const after = positionOf(cursor, language);
      const [total, rows] = await Promise.all([
        countTasks(db.sql, tenantId),
        // One more than is shown tells that there are more.
        listTasks(db.sql, tenantId, { limit: limit + 1, after }),
      ]);
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        success: true as const,
        total_count: total,
        tasks: shown.map((row) => summaryOf(row, language)),
        next_cursor: last ? cursorOf({ ...last, createdAt: last.createdAt.getTime() }) : null,
      };
    },
  );
}

function addCancel(app: App, { db, canceller }: Needs): void {
  const operationId = "cancelImageTask";
  const refusals = ["task_not_found", "already_finished"] as const;
  const summary = "Cancel a task that has not finished; its file stays until it is cleaned up";
  const response = { 200: http.Done };
  app.delete(
    "/background/cancel-task/:task_id",
    { schema: { tags, operationId, refusals, summary, params: http.TaskParams, response } },
    async ({ tenantId, language, params: { task_id: id } }) => {
      const row = await findTask(db.sql, tenantId, id);
      if (!row) throw unknownTask(id);
      const [outcome] = await canceller.jobs(tenantId, [row.id]);
      if (!outcome) throw unknownTask(id);
      if (!outcome.accepted) {
        throw new ApiError("already_finished", { values: { status: outcome.status } });
      }
      return { success: true as const, message: message("task_cancelled", language, { id }) };
    },
  );
}

/** What the document's service removes when it is not told. */
const defaultMaxAgeHours = 24;

function addCleanUp(app: App, { db, files }: Needs): void {
  const operationId = "cleanUpImageTasks";
  const refusals = ["malformed_json", "malformed_form", "storage_unavailable"] as const;
  const summary = "Remove finished tasks with their files and results";
  const response = { 200: http.CleanedUp };
  app.post(
    "/background/cleanup",
    {
      schema: {
        ...{ tags, operationId, refusals, summary, response },
        ...{ querystring: http.CleanUp, consumes: anyBody, form: http.CleanUp.optional() },
      },
    },
    async (request) => {
      const { tenantId, language, query } = request;
      const body = http.CleanUp.parse(await fieldsOfAnyBody(request));
      const hours = body.max_age_hours ?? query.max_age_hours ?? defaultMaxAgeHours;
      const removed = await cleanUpTasks({ sql: db.sql, files }, { tenantId, maxAgeHours: hours });
      const said = message("tasks_cleaned_up", language, { hours });
      return { success: true as const, message: said, removed };
    },
  );
}

function unknownTask(id: string): ApiError {
  return new ApiError("task_not_found", { values: { id } });
}
