import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { CallLog } from "../call-log.ts";
import type { ScriptedAnswers } from "../faults/inject-fault.ts";
import { ChatRequest, textOf } from "./chat-request.ts";
import { completionFor, countTokens } from "./completion.ts";
import { openaiError, openaiErrorFor } from "./openai-errors.ts";
import { createRateLimits, type Limits } from "./rate-limits.ts";
import { sendStream } from "./send-stream.ts";

type Parts = { calls: CallLog; scripted: ScriptedAnswers; limits: () => Limits };

/** `/v1/models` and `/v1/chat/completions`, with the checks and error bodies of the real service. */
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
    routes.post("/v1/chat/completions", { bodyLimit: 50_000_000 }, async (request, reply) =>
      complete(request, reply, parts, limits),
    );
  });
}

function complete(
  request: FastifyRequest,
  reply: FastifyReply,
  { calls, scripted }: Parts,
  limits: ReturnType<typeof createRateLimits>,
) {
  if (!request.headers.authorization?.startsWith("Bearer ")) {
    return reply.code(401).send(openaiErrorFor(401));
  }
  const wanted = ChatRequest.safeParse(request.body);
  if (!wanted.success) {
    const param = wanted.error.issues[0]?.path.join(".") || "body";
    const { status, body } = openaiError(400, z.prettifyError(wanted.error), { param });
    return reply.code(status).send(body);
  }
  const script = scripted.get(request);
  const completion = completionFor(wanted.data, script);
  const asked = wanted.data.messages.reduce((sum, one) => sum + countTokens(textOf(one)), 0);
  const waitMs = limits.take(Math.max(asked, completion.usage.total_tokens));
  reply.headers(limits.headers());
  if (waitMs > 0) {
    reply
      .header("retry-after-ms", Math.ceil(waitMs))
      .header("retry-after", Math.ceil(waitMs / 1000));
    return reply.code(429).send(openaiErrorFor(429));
  }
  calls.used(request, completion.usage.total_tokens);
  reply.headers(script?.headers ?? {});
  if (wanted.data.stream) {
    return sendStream(reply, completion, wanted.data.stream_options?.include_usage === true);
  }
  return reply.send(completion);
}
