import { message } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../submitting/idempotency-key.ts";
import { editQuestion } from "./edit-question.ts";
import { readSet } from "./passage-sets.ts";
import {
  listQuestions,
  questionView,
  readQuestion,
  readSetStatus,
  statusView,
} from "./question-views.ts";
import { readQueueStatus } from "./queue-status.ts";
import { regenerate } from "./regenerate.ts";
import { restartQueue } from "./restart-queue.ts";
import * as http from "./schemas.ts";

type App = Parameters<FastifyPluginAsyncZod>[0];

const tags = ["explanations"];

/** A set's questions with the state of their explanations, and one question's. */
export function questionRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    addSetReads(app, deps);
    addQuestion(app, deps);
    addRegenerate(app, deps);
    addRestart(app, deps);
  };
}

function addSetReads(app: App, { db }: RouteDependencies): void {
  const params = http.SetParams;
  app.get(
    "/admin/sets/:setId/questions",
    {
      schema: {
        ...{
          tags,
          operationId: "listQuestions",
          refusals: ["set_not_found"],
          summary: "List a set's questions",
          params,
        },
        response: { 200: http.QuestionList },
      },
    },
    async ({ tenantId, language, params: { setId } }) => {
      await readSet(db.sql, tenantId, setId);
      const rows = await listQuestions(db.sql, tenantId, setId);
      return { success: true as const, data: rows.map((row) => questionView(row, language)) };
    },
  );
  app.get(
    "/admin/sets/:setId/questions/queue-status",
    {
      schema: {
        ...{
          tags,
          operationId: "getExplanationQueue",
          refusals: ["set_not_found"],
          summary: "How long the queue of explanations is",
          params,
        },
        response: { 200: http.QueueAnswer },
      },
    },
    async ({ tenantId, params: { setId } }) => {
      await readSet(db.sql, tenantId, setId);
      return { success: true as const, data: await readQueueStatus(db.sql, tenantId) };
    },
  );
  app.get(
    "/admin/sets/:setId/questions/explanation-status",
    {
      schema: {
        ...{
          tags,
          operationId: "getSetExplanations",
          refusals: ["set_not_found"],
          summary: "How far a set's explanations are",
          params,
        },
        response: { 200: http.SetStatusAnswer },
      },
    },
    async ({ tenantId, language, params: { setId } }) => {
      await readSet(db.sql, tenantId, setId);
      const data = await readSetStatus(db.sql, { tenantId, setId, language });
      return { success: true as const, data };
    },
  );
}

function addQuestion(app: App, deps: RouteDependencies): void {
  const params = http.QuestionParams;
  app.patch(
    "/admin/questions/:id",
    {
      schema: {
        ...{
          tags,
          operationId: "updateQuestion",
          refusals: ["question_not_found"],
          summary: "Edit a question, its explanation included",
          params,
        },
        ...{ body: http.QuestionPatch, response: { 200: http.QuestionAnswer } },
      },
    },
    async ({ tenantId, language, params: { id }, body: patch }) => {
      const data = await editQuestion(deps, { tenantId, id, language, patch });
      return { success: true as const, data };
    },
  );
  app.get(
    "/admin/questions/:id/explanation-status",
    {
      schema: {
        ...{
          tags,
          operationId: "getQuestionExplanation",
          refusals: ["question_not_found"],
          summary: "How far a question's explanation is",
          params,
        },
        response: { 200: http.StatusAnswer },
      },
    },
    async ({ tenantId, language, params: { id } }) => {
      const row = await readQuestion(deps.db.sql, tenantId, id);
      return { success: true as const, data: statusView(row, language) };
    },
  );
}

function addRegenerate(app: App, deps: RouteDependencies): void {
  app.post(
    "/admin/questions/:id/regenerate-explanation",
    {
      schema: {
        tags,
        operationId: "regenerateExplanation",
        refusals: [
          "question_not_found",
          "explanation_under_way",
          "idempotency_conflict",
          "input_too_large",
        ],
        summary: "Have a question explained anew; a teacher's explanation is replaced too",
        ...{ params: http.QuestionParams, body: http.RegenerateBody },
        response: { 202: http.RegenerateAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId, language, params, body, headers } = request;
      const idempotencyKey = idempotencyKeyOf(headers, language);
      const asked = { tenantId, id: params.id, language, idempotencyKey };
      return reply.code(202).send(await regenerate(deps, body, asked));
    },
  );
}

function addRestart(app: App, deps: RouteDependencies): void {
  app.post(
    "/admin/restart-queue",
    {
      schema: {
        tags,
        operationId: "restartExplanations",
        summary: "Resume the explanations' queue, and with `retryFailed` begin failed ones anew",
        ...{ body: http.RestartBody, response: { 200: http.RestartAnswer } },
      },
    },
    async ({ tenantId, isOperator, language, body }) => {
      const data = await restartQueue(deps, { tenantId, isOperator }, body);
      return { success: true as const, message: message("queue_restarted", language), data };
    },
  );
}
