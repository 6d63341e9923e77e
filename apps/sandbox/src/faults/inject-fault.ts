import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CallLog } from "../call-log.ts";
import { naverErrorFor, rateLimitError } from "../naver/naver-errors.ts";
import { openaiErrorFor } from "../openai/openai-errors.ts";
import { readTarget } from "../request-target.ts";
import type { Fault } from "./fault.ts";
import type { FaultScript } from "./fault-script.ts";

type AnswerFault = Extract<Fault, { type: "completion" | "dialect" }>;

/** Scripted answers of a model, for the route to give. */
export type ScriptedAnswers = WeakMap<FastifyRequest, AnswerFault>;

type Injection = {
  calls: CallLog;
  faults: FaultScript;
  settings: { latencyMs: number };
  scripted: ScriptedAnswers;
};

/** Lets scripted faults and the latency setting come before the routes of `app`. */
export function registerFaultInjection(app: FastifyInstance, injection: Injection): void {
  const { calls, faults, settings, scripted } = injection;
  // After the body has been read, since scripts may look into it.
  app.addHook("preHandler", async (request, reply) => {
    const target = readTarget(request.url);
    const fault = faults.take(target, request.body);
    if (fault) calls.faulted(request, fault.type);
    const delayMs = settings.latencyMs + (fault?.type === "slow" ? fault.ms : 0);
    if (delayMs > 0) await sleep(delayMs);
    if (!fault || fault.type === "slow") return undefined;
    if (fault.type === "completion" || fault.type === "dialect") {
      scripted.set(request, fault);
      return undefined;
    }
    // Returning the reply tells Fastify that the answer is given here.
    return answerWrongly(reply, fault, !target.path.startsWith("/v1/search/"));
  });
}

function answerWrongly(
  reply: FastifyReply,
  fault: Exclude<Fault, { type: "slow" | "completion" | "dialect" }>,
  isOpenai: boolean,
): FastifyReply {
  switch (fault.type) {
    case "status":
      return reply
        .code(fault.status)
        .headers(fault.headers ?? {})
        .send(
          fault.body ?? (isOpenai ? openaiErrorFor(fault.status) : naverErrorFor(fault.status)),
        );
    case "rate-limit":
      if (fault.retryAfterSeconds !== undefined) {
        reply.header("Retry-After", fault.retryAfterSeconds);
      }
      return reply.code(429).send(isOpenai ? openaiErrorFor(429) : rateLimitError.body);
    case "malformed":
      return reply.type("application/json").send('{"lastBuildDate":"Mon, 26 Sep 20');
    case "hang":
      return reply.hijack();
    case "cut":
      return cutMidBody(reply);
  }
}

function cutMidBody(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(200, { "Content-Type": "application/json", "Content-Length": "500" });
  // Only after the half body has left: destroying at once could drop the head as well.
  reply.raw.write('{"total": 12', () => reply.raw.destroy());
  return reply;
}
