import Fastify, { type FastifyInstance } from "fastify";
import { registerAdminRoutes, type SandboxSettings } from "./admin/admin-routes.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { createFaultScript } from "./faults/fault-script.ts";
import { registerFaultInjection, type ScriptedAnswers } from "./faults/inject-fault.ts";
import { registerNaverRoutes } from "./naver/naver-routes.ts";
import { registerOpenaiRoutes } from "./openai/openai-routes.ts";
import { readTarget } from "./request-target.ts";

export type SandboxOptions = {
  /** Time every upstream answer takes, milliseconds. Default 0; `POST /__sandbox/settings` changes it. */
  latencyMs?: number;
  /** Calls the log keeps; older ones leave and are counted as dropped. Default 50,000. */
  maxCalls?: number;
};

/**
 * The zero-key upstream as a Fastify application that has not begun to listen. It speaks the wire
 * protocols of the real services, answers the same question always the same, fails as scripted
 * under `/__sandbox/faults` and logs every call under `/__sandbox/calls`.
 */
export function buildSandbox(options: SandboxOptions = {}): FastifyInstance {
  // Hung connections are part of the repertoire, so closing must not wait for them.
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const calls = createCallLog(options.maxCalls ?? 50_000);
  const faults = createFaultScript();
  const settings: SandboxSettings = { latencyMs: options.latencyMs ?? 0 };
  const scripted: ScriptedAnswers = new WeakMap();

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("X-Sandbox", "ilgam");
  });
  registerAdminRoutes(app, { calls, faults, settings });
  void app.register(async (upstream) => {
    logCalls(upstream, calls);
    registerFaultInjection(upstream, { calls, faults, settings, scripted });
    registerNaverRoutes(upstream);
    registerOpenaiRoutes(upstream, {
      calls,
      scripted,
      embeddingLimits: () => ({
        inputs: settings.embeddingInputs ?? 2_048,
        tokens: settings.embeddingTokens ?? Number.POSITIVE_INFINITY,
      }),
      limits: () => ({
        requestsPerMinute: settings.requestsPerMinute ?? 100_000,
        tokensPerMinute: settings.tokensPerMinute ?? 50_000_000,
      }),
    });
  });
  return app;
}

const epochMs = () => performance.timeOrigin + performance.now();

function logCalls(app: FastifyInstance, calls: CallLog): void {
  app.addHook("onRequest", async (request, reply) => {
    const idempotencyKey = request.headers["idempotency-key"];
    calls.received(request, {
      receivedAt: epochMs(),
      method: request.method,
      ...readTarget(request.url),
      idempotencyKey: typeof idempotencyKey === "string" ? idempotencyKey : null,
    });
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) calls.closed(request, epochMs());
    });
  });
  app.addHook("onResponse", async (request, reply) => {
    calls.answered(request, reply.statusCode);
  });
}
