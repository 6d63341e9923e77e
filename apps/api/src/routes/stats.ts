import type { JobStatus } from "@ilgam/contracts";
import { listWorkers } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AppServices } from "../app-services.ts";
import { remember } from "../jobs/remember.ts";
import { answers } from "./answers.ts";
import { Counts, timestamp } from "./schemas.ts";

/** How an upstream provider's pace stands, as whoever reads it from Redis tells it. */
const PaceView = z
  .object({
    /** The provider key's name. */
    key: z.string(),
    /** Nobody calls before; null while it is open. */
    closedUntil: timestamp.nullable(),
    why: z.string().nullable(),
    nextSlotAt: timestamp,
    usedToday: z.int(),
    /** Calls a day; null when unlimited or not known yet. */
    quota: z.int().nullable(),
  })
  .meta({ id: "Pace" });
export type PaceView = z.infer<typeof PaceView>;

const KindStats = z
  .object({
    kind: z.string(),
    counts: Counts,
    lastHour: z.object({
      completed: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      /** Failed of all that completed or failed, 0–1; null without any. */
      failureRate: z.number().nullable(),
      averageRunMs: z.number().nullable(),
      averageWaitMs: z.number().nullable(),
    }),
  })
  .meta({ id: "KindStats" });
type KindStats = z.infer<typeof KindStats>;

const Stats = z
  .object({
    kinds: z.array(KindStats),
    workers: z.object({ alive: z.int(), consuming: z.int(), inHand: z.int() }),
    /** Null when this process does not know them. */
    paces: z.array(PaceView).nullable(),
  })
  .meta({ id: "Stats" });

/** Counting reads whole tables: once in so long for all who ask. */
const maxAgeMs = 2_000;

async function kindStats({ reads, kinds }: AppServices): Promise<KindStats[]> {
  const [counts, hours] = await Promise.all([reads.kinds.countByStatus(), reads.kinds.lastHour()]);
  const names = new Set([...kinds.keys(), ...counts.map((row) => row.kind)]);
  return [...names].sort().map((kind) => {
    const own = { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
    for (const row of counts) if (row.kind === kind) own[row.status as JobStatus] = row.count;
    const hour = hours.find((row) => row.kind === kind);
    const { completed = 0, failed = 0, cancelled = 0 } = hour ?? {};
    const ended = completed + failed;
    const failureRate = ended === 0 ? null : failed / ended;
    const { averageRunMs = null, averageWaitMs = null } = hour ?? {};
    const lastHour = { completed, failed, cancelled, failureRate, averageRunMs, averageWaitMs };
    return { kind, counts: own, lastHour };
  });
}

/** `GET /v1/stats`, over all tenants. */
export function statsRoute(
  services: AppServices,
  options: { readPaces?: (() => Promise<PaceView[]>) | undefined },
): FastifyPluginAsyncZod {
  const read = remember(async () => {
    const [kinds, workers, paces] = await Promise.all([
      kindStats(services),
      listWorkers(services.db.sql),
      // Ignored: Redis is away, and null says that nothing is known of the paces.
      options.readPaces?.().catch(() => null) ?? null,
    ]);
    const living = workers.filter((worker) => worker.alive);
    return {
      kinds,
      workers: {
        alive: living.length,
        consuming: living.filter((worker) => worker.consuming).length,
        inHand: living.reduce((sum, worker) => sum + worker.inHand, 0),
      },
      paces,
    };
  }, maxAgeMs);
  return async (app) => {
    app.get(
      "/v1/stats",
      {
        schema: {
          tags: ["operations"],
          summary: "Count jobs by kind and status, with the past hour's throughput and times",
          response: answers({ 200: Stats }, ["forbidden"]),
        },
        config: { access: "operator" },
      },
      () => read(""),
    );
  };
}
