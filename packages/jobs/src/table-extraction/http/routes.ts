import { ApiError, type Language, message } from "@ilgam/contracts";
import { attachment } from "@ilgam/storage";
import { allowedModels, isAllowedModel } from "@ilgam/upstream/pace";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { createPictureCheck } from "../../image-analysis/http/check-picture.ts";
import { receiveTasks } from "../../image-analysis/http/receive-tasks.ts";
import { SubmissionFields, TaskAccepted, TaskParams } from "../../image-analysis/http/schemas.ts";
import { acceptedTask, submitTasks } from "../../image-analysis/http/submit-tasks.ts";
import { findTask, readResult } from "../../image-analysis/http/task-store.ts";
import { summaryOf } from "../../image-analysis/http/task-view.ts";
import { maxPixelsOf } from "../../image-analysis/image-settings.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { formFile, formOnly } from "../../uploads/form-file.ts";
import { acceptedFiles } from "../accepted-files.ts";
import { ModelName, TableExtractionResult, tableExtraction } from "../contract.ts";
import { csvOf } from "./csv.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];

const tags = ["images"];
const consumes = formOnly;
const { kind } = tableExtraction;

/**
 * System 5: the extraction of tables, and the results of its tasks as files.
 * @throws Error when `IMAGE_MAX_PIXELS` is wrong
 */
export function tableExtractionRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  const check = createPictureCheck(maxPixelsOf(deps.env));
  return async (app) => {
    addExtractTables(app, { ...deps, check });
    addResults(app, deps);
  };
}

function fieldsOf(env: RouteDependencies["env"]) {
  const allowed = allowedModels(env);
  const params = { message: "model_not_allowed", values: { allowed: allowed.join(", ") } };
  const model = ModelName.refine((name) => isAllowedModel(allowed, name), { params });
  return SubmissionFields.extend({ model: model.optional() });
}

function addExtractTables(
  app: App,
  deps: RouteDependencies & { check: ReturnType<typeof createPictureCheck> },
): void {
  const operationId = "extractTables";
  const refusals = ["idempotency_conflict"] as const;
  const summary = "Extract the tables of an image or a PDF in the background";
  const path = "/background/extract-tables";
  const Fields = fieldsOf(deps.env);
  app.post(
    path,
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        consumes,
        form: Fields.extend({ file: formFile }),
        response: { 202: TaskAccepted },
      },
    },
    async (request, reply) => {
      const { tenantId, language } = request;
      const idempotencyKey = idempotencyKeyOf(request.headers, language);
      const rules = { accept: acceptedFiles, check: deps.check(language) };
      const { upload, fields } = await receiveTasks(deps, request, rules, Fields);
      const about = fields.model === undefined ? {} : { model: fields.model };
      reply.code(202);
      return submitTasks<TaskAccepted>(deps, {
        ...{ tenantId, kind, idempotencyKey, fields, about, files: upload.files },
        route: `POST ${path}`,
        answer: ([id]) => acceptedTask(id as string, "table_extraction_started", language),
      });
    },
  );
}

const ResultQuery = z.object({
  format: z.enum(["json", "csv"]).default("json"),
  /** Only this table, from 1. */
  table: z.coerce.number().int().min(1).optional(),
});

const ResultFile = z
  .object({
    task_id: z.uuid(),
    filename: z.string(),
    prompt: z.string().nullable(),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
    result: z.unknown(),
  })
  .meta({ id: "TaskResult" });

function addResults(app: App, { db }: Pick<RouteDependencies, "db">): void {
  const operationId = "getImageTaskResult";
  const refusals = ["task_not_found", "result_not_ready"] as const;
  const summary = "Download what a task made of its file, as JSON; tables as CSV too";
  const content = {
    "application/json": { schema: ResultFile },
    "text/csv": { schema: z.string() },
  };
  const response: Record<number, unknown> = { 200: { description: "The result.", content } };
  app.get(
    "/background/results/:task_id",
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        params: TaskParams,
        querystring: ResultQuery,
        response,
      },
    },
    async ({ tenantId, language, params: { task_id: id }, query }, reply) => {
      const row = await findTask(db.sql, tenantId, id);
      if (!row) throw new ApiError("task_not_found", { values: { id } });
      const result = await readResult(db.sql, tenantId, row.id);
      const { status } = summaryOf(row, language);
      if (!result) throw new ApiError("result_not_ready", { values: { status } });
      reply.headers({ "cache-control": "private, no-store", "x-content-type-options": "nosniff" });
      if (query.format === "json") {
        const { task_id, filename, created_at, completed_at } = summaryOf(row, language);
        const { prompt } = row;
        const about = { task_id, filename, prompt, created_at, completed_at };
        return { ...about, result: result.output } satisfies z.output<typeof ResultFile>;
      }
      if (row.kind !== kind) throw wrong("format", message("csv_of_tables", language));
      const tables = chosenTables(result.output, query.table, language);
      const name = `${(row.fileName ?? "tables").replace(/\.[^.]{1,10}$/, "")}.csv`;
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", attachment(name.toWellFormed()))
        .serializer(String)
        .send(csvOf(tables));
    },
  );
}

/** All tables of a result, or the one of this number. @throws ApiError invalid_field */
function chosenTables(output: unknown, number: number | undefined, language: Language) {
  const { tables } = TableExtractionResult.parse(output);
  if (number === undefined) return tables;
  const one = tables[number - 1];
  if (one) return [one];
  throw wrong("table", message("table_unknown", language, { count: tables.length }));
}

function wrong(path: string, problem: string): ApiError {
  return new ApiError("invalid_field", { details: [{ path, problem }] });
}
