import Fastify, { type FastifyInstance } from "fastify";
import { registerAdminRoutes } from "./admin/admin-routes.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { createFaultScript } from "./faults/fault-script.ts";
import { registerFaultInjection } from "./faults/inject-fault.ts";
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
  const settings = { latencyMs: options.latencyMs ?? 0 };

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("X-Sandbox", "ilgam");
  });
  registerAdminRoutes(app, { calls, faults, settings });
  void app.register(async (upstream) => {
    logCalls(upstream, calls);
    registerFaultInjection(upstream, { calls, faults, settings });
    registerNaverRoutes(upstream);
    registerOpenaiRoutes(upstream);
  });
  return app;
}

function logCalls(app: FastifyInstance, calls: CallLog): void {
  app.addHook("onRequest", async (request) => {
    const idempotencyKey = request.headers["idempotency-key"];
    calls.received(request, {
      receivedAt: performance.timeOrigin + performance.now(),
      method: request.method,
      ...readTarget(request.url),
      idempotencyKey: typeof idempotencyKey === "string" ? idempotencyKey : null,
    });
  });
  app.addHook("onResponse", async (request, reply) => {
    calls.answered(request, reply.statusCode);
  });
}
