import { setTimeout as delay } from "node:timers/promises";
import { countConsumingWorkers } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AppServices } from "../app-services.ts";

const tags = ["health"];
const Check = z.enum(["ok", "missing"]);

const Health = z
  .object({
    status: z.enum(["ok", "unavailable", "draining"]),
    checks: z.record(z.string(), Check),
    /** Names of what is missing. */
    missing: z.array(z.string()),
  })
  .meta({ id: "Health" });

/** An answer that takes longer is none. */
const patienceMs = 1_000;

/** True when `check` resolves to something truthy in time. */
async function holds(check: () => Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  try {
    const timeout = delay(patienceMs, false, { signal: late.signal });
    return Boolean(await Promise.race([check(), timeout]));
  } catch {
    // Whatever the failure, the answer is that it is missing; the metrics count its kind.
    return false;
  } finally {
    late.abort();
  }
}

/** Liveness, what a load balancer asks, and whether jobs are really being done. */
export function healthRoutes(
  { db, dispatcher }: AppServices,
  options: { isDraining: () => boolean },
): FastifyPluginAsyncZod {
  const postgres = async () => {
    await db.canWrite();
    return true;
  };
  const redis = async () => {
    await dispatcher.ping();
    return true;
  };
  const worker = async () => (await countConsumingWorkers(db.sql)) > 0;

  async function examine(checks: Record<string, () => Promise<unknown>>) {
    const names = Object.keys(checks);
    const results = await Promise.all(Object.values(checks).map(holds));
    const missing = names.filter((_, index) => !results[index]);
    const status = options.isDraining() ? "draining" : missing.length ? "unavailable" : "ok";
    const entries = names.map((name) => [name, missing.includes(name) ? "missing" : "ok"] as const);
    return { status, checks: Object.fromEntries(entries), missing } as const;
  }

  return async (app) => {
    const config = { access: "anyone" } as const;
    app.get(
      "/healthz",
      {
        schema: {
          tags,
          operationId: "getHealth",
          summary: "The process lives",
          response: { 200: Health },
        },
        config,
      },
      async () => ({ status: "ok" as const, checks: {}, missing: [] }),
    );
    for (const [url, operationId, summary, checks] of [
      ["/acceptz", "getAcceptance", "Jobs can be accepted: Postgres takes writes", { postgres }],
      [
        "/readyz",
        "getReadiness",
        "Jobs are being done: Postgres, Redis and a worker that consumes",
        { postgres, redis, worker },
      ],
    ] as const) {
      app.get(
        url,
        {
          schema: {
            tags,
            operationId,
            summary,
            response: { 200: Health, 503: Health },
          },
          config,
        },
        async (_request, reply) => {
          const health = await examine(checks);
          if (health.status !== "ok") reply.header("retry-after", 1);
          return reply.code(health.status === "ok" ? 200 : 503).send(health);
        },
      );
    }
  };
}
