import { ApiError, QueueOverrides } from "@ilgam/contracts";
import { listQueueSettings, type QueueCounts, type QueueSettings } from "@ilgam/db";
import type { QueueDepth } from "@ilgam/queue";
import { z } from "zod";
import type { AppServices } from "../app-services.ts";

const Rate = z.object({ max: z.int(), durationMs: z.int() }).nullable();
const Limit = z.int().nullable();
const Source = z.enum(["declared", "override", "window"]);

export const QueueView = z
  .object({
    name: z.string(),
    /** In force now, as are the four after it. */
    paused: z.boolean(),
    /** Jobs that one worker process runs at once; adaptive ones move within `adaptive`. */
    concurrency: z.int(),
    globalConcurrency: Limit,
    rate: Rate,
    adaptive: z.object({ min: z.int(), max: z.int(), targetMs: z.int().optional() }).nullable(),
    /** Name of the open window that holds. */
    window: z.string().nullable(),
    /** Which setting said so. */
    because: z.object({
      paused: z.enum(["operator", "window"]).nullable(),
      concurrency: z.enum([...Source.options, "adaptive"]),
      globalConcurrency: Source,
      rate: Source,
    }),
    declared: z.object({ concurrency: z.int(), globalConcurrency: Limit, rate: Rate }),
    overrides: QueueOverrides,
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
export type QueueView = z.infer<typeof QueueView>;

/** Told when Redis does not answer: what Postgres says still holds. */
export type Warn = (error: unknown) => void;

function queueView(
  { name, stored, inForce }: QueueSettings,
  concurrency: number,
  counts: QueueCounts | undefined,
  depth: QueueDepth | undefined,
): QueueView {
  return {
    name,
    ...inForce,
    concurrency: inForce.concurrency ?? concurrency,
    declared: { concurrency, ...stored.declared },
    overrides: stored.overrides,
    queued: counts?.queued ?? 0,
    delayed: counts?.delayed ?? 0,
    processing: counts?.processing ?? 0,
    oldestWaitingSeconds: counts?.oldestWaitingSeconds ?? null,
    redis: depth ? { waiting: depth.waiting, active: depth.active, delayed: depth.delayed } : null,
  };
}

/** The queues of the kinds that this process knows. */
export async function listQueueViews(
  { db, reads, dispatcher, kinds }: AppServices,
  warn: Warn,
): Promise<QueueView[]> {
  const [settings, counts, depths] = await Promise.all([
    listQueueSettings(db.sql),
    reads.queues.counts(),
    dispatcher.depths().catch((error: unknown) => {
      warn(error);
      return new Map<string, QueueDepth>();
    }),
  ]);
  return settings.flatMap((one) => {
    const kind = kinds.get(one.name);
    const own = counts.find(({ queue }) => queue === one.name);
    return kind ? [queueView(one, kind.policy.concurrency, own, depths.get(one.name))] : [];
  });
}

/** @throws ApiError queue_not_found */
export async function findQueueView(
  services: AppServices,
  name: string,
  warn: Warn,
): Promise<QueueView> {
  const queue = (await listQueueViews(services, warn)).find((one) => one.name === name);
  if (!queue) throw queueNotFound(name);
  return queue;
}

/** The refusal of a name that no kind has. */
export function queueNotFound(name: string): ApiError {
  return new ApiError("queue_not_found", { values: { name } });
}
