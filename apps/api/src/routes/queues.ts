import { ApiError } from "@ilgam/contracts";
import { listQueueSettings, type QueueCounts, type QueueSettings, setPaused } from "@ilgam/db";
import type { QueueDepth } from "@ilgam/queue";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AppServices } from "../app-services.ts";
import { answers } from "./answers.ts";

const tags = ["operations"];

const QueueView = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    globalConcurrency: z.int().nullable(),
    rate: z.object({ max: z.int(), durationMs: z.int() }).nullable(),
    /** Due and waiting. */
    queued: z.int(),
    /** Waiting for a later time. */
    delayed: z.int(),
    processing: z.int(),
    oldestWaitingSeconds: z.number().nullable(),
    /** What stands in Redis; null while Redis is away. */
    redis: z.object({ waiting: z.int(), active: z.int(), delayed: z.int() }).nullable(),
  })
  .meta({ id: "Queue" });

function queueView(
  { name, paused, globalConcurrency, rateMax, rateDurationMs }: QueueSettings,
  counts: QueueCounts | undefined,
  depth: QueueDepth | undefined,
) {
  return {
    name,
    paused,
    globalConcurrency,
    rate:
      rateMax === null || rateDurationMs === null
        ? null
        : { max: rateMax, durationMs: rateDurationMs },
    queued: counts?.queued ?? 0,
    delayed: counts?.delayed ?? 0,
    processing: counts?.processing ?? 0,
    oldestWaitingSeconds: counts?.oldestWaitingSeconds ?? null,
    redis: depth ? { waiting: depth.waiting, active: depth.active, delayed: depth.delayed } : null,
  };
}

type Warn = (error: unknown) => void;

async function listQueues({ db, reads, dispatcher, kinds }: AppServices, warn: Warn) {
  const [settings, counts, depths] = await Promise.all([
    listQueueSettings(db.sql),
    reads.queues.counts(),
    dispatcher.depths().catch((error: unknown) => {
      // Redis away is shown as null: what Postgres says still holds.
      warn(error);
      return new Map<string, QueueDepth>();
    }),
  ]);
  const known = settings.filter(({ name }) => kinds.has(name));
  return known.map((one) => {
    const own = counts.find(({ queue }) => queue === one.name);
    return queueView(one, own, depths.get(one.name));
  });
}

/** @throws ApiError queue_not_found */
async function switchQueue(services: AppServices, name: string, paused: boolean, warn: Warn) {
  const { db, dispatcher, kinds } = services;
  const missing = () => new ApiError("queue_not_found", { values: { name } });
  // Postgres is the setting's home; Redis away gets it from there when it is back.
  if (!kinds.has(name) || !(await setPaused(db.sql, name, paused))) throw missing();
  await dispatcher.setPaused(name, paused).catch(warn);
  const queue = (await listQueues(services, warn)).find((one) => one.name === name);
  if (!queue) throw missing();
  return queue;
}

/** Redis did not answer: worth a line, not an error. */
function warnInto(request: FastifyRequest): Warn {
  return (error) => request.log.warn({ cause: String(error) }, "Redis does not answer");
}

/** `GET /v1/queues`, pause and resume. */
export function queueRoutes(services: AppServices): FastifyPluginAsyncZod {
  const config = { access: "operator" } as const;
  return async (app) => {
    app.get(
      "/v1/queues",
      {
        schema: {
          tags,
          summary: "List the queues: pauses, limits and depths",
          response: answers({ 200: z.object({ queues: z.array(QueueView) }) }, ["forbidden"]),
        },
        config,
      },
      async (request) => ({ queues: await listQueues(services, warnInto(request)) }),
    );
    for (const [verb, paused, summary] of [
      ["pause", true, "Pause a queue: running jobs end, no other starts"],
      ["resume", false, "Resume a paused queue"],
    ] as const) {
      app.post(
        `/v1/queues/:name/${verb}`,
        {
          schema: {
            tags,
            summary,
            params: z.object({ name: z.string() }),
            response: answers({ 200: QueueView }, ["forbidden", "queue_not_found"]),
          },
          config,
        },
        (request) => switchQueue(services, request.params.name, paused, warnInto(request)),
      );
    }
  };
}
