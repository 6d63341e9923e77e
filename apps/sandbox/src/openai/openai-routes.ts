import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { CallLog } from "../call-log.ts";
import type { ScriptedAnswers } from "../faults/inject-fault.ts";
import { ChatRequest, textOf } from "./chat-request.ts";
import { completionFor, countTokens } from "./completion.ts";
import { answerIn } from "./dialects/answer-dialects.ts";
import { type EmbeddingLimits, EmbeddingsRequest, embeddingsFor, tooBig } from "./embeddings.ts";
import { openaiError, openaiErrorFor } from "./openai-errors.ts";
import { createRateLimits, type Limits } from "./rate-limits.ts";
import { streamOf } from "./stream-of.ts";

type Parts = {
  calls: CallLog;
  scripted: ScriptedAnswers;
  limits: () => Limits;
  embeddingLimits: () => EmbeddingLimits;
};

/** `/v1/models`, `/v1/chat/completions` and `/v1/embeddings`, with the checks and error bodies of the real service. */
export function registerOpenaiRoutes(app: FastifyInstance, parts: Parts): void {
  const limits = createRateLimits(parts.limits, () => performance.now());
  void app.register(async (routes) => {
    routes.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
      const { status, body } = openaiError(error.statusCode ?? 500, error.message);
      return reply.code(status).send(body);
    });
    routes.get("/v1/models", async () => ({
      object: "list",
      data: [{ id: "sandbox", object: "model", created: 0, owned_by: "ilgam-sandbox" }],
    }));
    routes.post("/v1/embeddings", { bodyLimit: 50_000_000 }, async (request, reply) =>
      embed(request, reply, parts, limits),
    );
    routes.post("/v1/chat/completions", { bodyLimit: 50_000_000 }, async (request, reply) =>
      complete(request, reply, parts, limits),
    );
  });
}

type Limiter = ReturnType<typeof createRateLimits>;

/** The parsed body; undefined when the refusal has been sent. */
function accept<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: z.ZodType<Body>,
): Body | undefined {
  if (!request.headers.authorization?.startsWith("Bearer ")) {
    reply.code(401).send(openaiErrorFor(401));
    return undefined;
  }
  const wanted = schema.safeParse(request.body);
  if (wanted.success) return wanted.data;
  const param = wanted.error.issues[0]?.path.join(".") || "body";
  const { status, body } = openaiError(400, z.prettifyError(wanted.error), { param });
  reply.code(status).send(body);
  return undefined;
}

/** Takes what the call asks for of the account's limits; false when the refusal has been sent. */
function admit(reply: FastifyReply, limits: Limiter, tokens: number): boolean {
  const waitMs = limits.take(tokens);
  reply.headers(limits.headers());
  if (waitMs <= 0) return true;
  reply
    .header("retry-after-ms", Math.ceil(waitMs))
    .header("retry-after", Math.ceil(waitMs / 1000))
    .code(429)
    .send(openaiErrorFor(429));
  return false;
}

function complete(
  request: FastifyRequest,
  reply: FastifyReply,
  { calls, scripted }: Parts,
  limits: Limiter,
) {
  const wanted = accept(request, reply, ChatRequest);
  if (!wanted) return reply;
  const script = scripted.get(request);
  const completion = completionFor(wanted, script);
  const asked = wanted.messages.reduce((sum, one) => sum + countTokens(textOf(one)), 0);
  if (!admit(reply, limits, Math.max(asked, completion.usage.total_tokens))) return reply;
  calls.used(request, completion.usage.total_tokens);
  reply.headers(script?.headers ?? {});
  if (script?.type === "dialect") return sendBody(reply, answerIn(script.name, completion));
  if (!wanted.stream) return reply.send(completion);
  return sendBody(reply, streamOf(completion, wanted.stream_options?.include_usage === true));
}

/** Text goes out as what it is. */
function sendBody(reply: FastifyReply, body: string | object) {
  if (typeof body === "object") return reply.send(body);
  const kind = body.startsWith("<") ? "text/html" : "text/event-stream";
  const isJson = /^\s*[{[]/.test(body);
  return reply.type(isJson ? "application/json" : `${kind}; charset=utf-8`).send(body);
}

function embed(
  request: FastifyRequest,
  reply: FastifyReply,
  { calls, embeddingLimits }: Parts,
  limits: Limiter,
) {
  const wanted = accept(request, reply, EmbeddingsRequest);
  if (!wanted) return reply;
  const refusal = tooBig(wanted, embeddingLimits());
  if (refusal) return reply.code(refusal.status).send(refusal.body);
  const answer = embeddingsFor(wanted);
  if (!admit(reply, limits, answer.usage.total_tokens)) return reply;
  calls.used(request, answer.usage.total_tokens);
  return reply.send(answer);
}
