import { ApiError, type Language, message } from "@ilgam/contracts";
import { newId } from "@ilgam/db";
import { imageTypes } from "@ilgam/parsing";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { formFile, formOnly } from "../../uploads/form-file.ts";
import type { UploadedPart } from "../../uploads/receive-upload.ts";
import { imageAnalysis } from "../contract.ts";
import { maxPixelsOf } from "../image-settings.ts";
import { createPictureCheck } from "./check-picture.ts";
import { receiveTasks } from "./receive-tasks.ts";
import * as http from "./schemas.ts";
import { acceptedTask, statusUrlOf, submitTasks } from "./submit-tasks.ts";
import { taskRoutes } from "./task-routes.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];
type Needs = RouteDependencies & { check: ReturnType<typeof createPictureCheck> };

const tags = ["images"];
const consumes = formOnly;
const Form = http.AnalysisFields.extend({ file: formFile });
const ManyForm = http.AnalysisFields.extend({ file: z.array(formFile).max(50) });
const { kind } = imageAnalysis;

/** Images of one request. */
const mostImages = 50;

/**
 * System 5: images are analysed in the background, and its tasks (those of table extraction too) are
 * shown, cancelled and cleaned up. @throws Error when `IMAGE_MAX_PIXELS` is wrong
 */
export function imageAnalysisRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  const needs = { ...deps, check: createPictureCheck(maxPixelsOf(deps.env)) };
  return async (app) => {
    addAnalyzeImage(app, needs);
    addAnalyzeImages(app, needs);
    await app.register(taskRoutes(deps));
  };
}

function addAnalyzeImage(app: App, deps: Needs): void {
  const operationId = "analyzeImage";
  const refusals = ["idempotency_conflict"] as const;
  const summary = "Analyse an image in the background";
  const path = "/background/analyze-image";
  app.post(
    path,
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        consumes,
        form: Form,
        response: { 202: http.TaskAccepted },
      },
    },
    async (request, reply) => {
      const { tenantId, language } = request;
      const idempotencyKey = idempotencyKeyOf(request.headers, language);
      const rules = { accept: imageTypes, check: deps.check(language) };
      const { upload, fields } = await receiveTasks(deps, request, rules, http.AnalysisFields);
      const { prompt, detail } = fields;
      reply.code(202);
      return submitTasks<http.TaskAccepted>(deps, {
        ...{ tenantId, kind, idempotencyKey, fields, files: upload.files },
        ...{ route: `POST ${path}`, about: { prompt, detail } },
        answer: ([id]) => acceptedTask(id as string, "image_analysis_started", language),
      });
    },
  );
}

function addAnalyzeImages(app: App, deps: Needs): void {
  const operationId = "analyzeImages";
  const refusals = ["idempotency_conflict"] as const;
  const summary = "Analyse up to 50 images of one request, a task each";
  const path = "/background/analyze-images";
  app.post(
    path,
    {
      schema: {
        tags,
        operationId,
        refusals,
        summary,
        consumes,
        form: ManyForm,
        response: { 202: http.TasksAccepted },
      },
    },
    async (request, reply) => {
      const { tenantId, language } = request;
      const idempotencyKey = idempotencyKeyOf(request.headers, language);
      const rules = { accept: imageTypes, check: deps.check(language), maxFiles: mostImages };
      const { upload, fields } = await receiveTasks(
        ...([deps, request, { ...rules, badFile: "report" }, http.AnalysisFields] as const),
      );
      const { parts, files } = upload;
      if (files.length === 0) throw nothingAccepted(parts, language);
      const { prompt, detail } = fields;
      const batch = `images_${newId()}`;
      reply.code(202);
      return submitTasks<http.TasksAccepted>(deps, {
        ...{ tenantId, kind, idempotencyKey, fields, files, batch },
        ...{ route: `POST ${path}`, about: { prompt, detail } },
        answer: (ids) => {
          const left = ids.values();
          const tasks = parts.map((part) => taskOf(part, left, language));
          return { success: true, batch_id: batch, tasks };
        },
      });
    },
  );
}

function taskOf(part: UploadedPart, ids: Iterator<string>, language: Language) {
  const { fileName: filename } = part;
  if (part.error) return { filename, error: problemOf(part.error, language) };
  const id = ids.next().value as string;
  return { task_id: id, filename, check_status_url: statusUrlOf(id) };
}

function problemOf({ code, values, details }: ApiError, language: Language): string {
  return details?.[0]?.problem ?? message(code, language, values);
}

function nothingAccepted(parts: UploadedPart[], language: Language): ApiError {
  const details = parts.flatMap(({ error }, at) =>
    error ? [{ path: `file.${at}`, problem: problemOf(error, language) }] : [],
  );
  return new ApiError("invalid_field", { details });
}
