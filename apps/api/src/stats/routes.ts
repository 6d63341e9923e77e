import { type JobStatus, Usage } from "@ilgam/contracts";
import { listWorkers, type Reads, remember } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { Counts, timestamp } from "../jobs/schemas.ts";
import { ChecklistItem, checklistOf } from "./checklist.ts";
import type { ChecklistLimits } from "./checklist-env.ts";
import { checklistFacts } from "./checklist-facts.ts";
import { UsageRow } from "./usage-routes.ts";
import { lastDays } from "./usage-window.ts";

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

/** What was spent upstream in the last 30 days, today included. */
const UsageStats = z
  .object({
    /** Days begin at midnight there. */
    timeZone: z.string(),
    from: z.iso.date(),
    to: z.iso.date(),
    today: Usage,
    total: Usage,
    /** Newest first; days without any are left out. */
    days: z.array(UsageRow),
    kinds: z.array(UsageRow),
    models: z.array(UsageRow),
    /** The ten dearest of each. */
    sets: z.array(UsageRow),
    batches: z.array(UsageRow),
    jobs: z.array(UsageRow),
  })
  .meta({ id: "UsageStats" });
type UsageStats = z.infer<typeof UsageStats>;

const Stats = z
  .object({
    kinds: z.array(KindStats),
    workers: z.object({ alive: z.int(), consuming: z.int(), inHand: z.int() }),
    /** Null when this process does not know them. */
    paces: z.array(PaceView).nullable(),
    checklist: z.array(ChecklistItem),
    /** Null when the sums could not be read. */
    usage: UsageStats.nullable(),
  })
  .meta({ id: "Stats" });

/** Counting reads whole tables: once in so long for all who ask. */
const maxAgeMs = 2_000;
/** The dearest jobs of a month may be picked from a million. */
const usageMaxAgeMs = 30_000;
const dearest = 10;

async function usageStats(usage: Reads["usage"], timeZone: string): Promise<UsageStats> {
  const now = new Date();
  const window = lastDays(timeZone, now);
  const [total, days, kinds, models, sets, batches, jobs] = await Promise.all([
    usage.total(window),
    usage.by("day", window, 31),
    usage.by("kind", window, 100),
    usage.by("model", window, 100),
    usage.by("set", window, dearest),
    usage.by("batch", window, dearest),
    usage.by("job", window, dearest),
  ]);
  const { from, to } = window;
  const { tokens, unpricedTokens, costUsd } = days.find(({ key }) => key === to) ?? none;
  const today = { tokens, unpricedTokens, costUsd };
  return { timeZone, from, to, today, total, days, kinds, models, sets, batches, jobs };
}

const none: Usage = { tokens: 0, unpricedTokens: 0, costUsd: 0 };

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

export type StatsOptions = {
  readPaces?: (() => Promise<PaceView[]>) | undefined;
  limits: ChecklistLimits;
  usageTimeZone: string;
};

/** What all who ask within two seconds are shown, each in their language. */
function readerOf(services: AppServices, options: StatsOptions) {
  const { reads } = services;
  return remember(async () => {
    const [kinds, processing, workers, paces] = await Promise.all([
      kindStats(services),
      reads.kinds.longestProcessing(),
      listWorkers(services.db.sql),
      // Ignored: Redis is away, and null says that nothing is known of the paces.
      options.readPaces?.().catch(() => null) ?? null,
    ]);
    const living = workers.filter((worker) => worker.alive);
    const apiMemoryBytes = process.memoryUsage.rss();
    const seen = { kinds, processing, workers: living, paces, apiMemoryBytes, nowMs: Date.now() };
    return {
      kinds,
      workers: {
        alive: living.length,
        consuming: living.filter((worker) => worker.consuming).length,
        inHand: living.reduce((sum, worker) => sum + worker.inHand, 0),
      },
      paces,
      facts: checklistFacts(seen),
    };
  }, maxAgeMs);
}

/** `GET /v1/stats`, over all tenants. */
export function statsRoute(services: AppServices, options: StatsOptions): FastifyPluginAsyncZod {
  const read = readerOf(services, options);
  const readUsage = remember(
    () => usageStats(services.reads.usage, options.usageTimeZone),
    usageMaxAgeMs,
  );
  return async (app) => {
    app.get(
      "/v1/stats",
      {
        schema: {
          tags: ["operations"],
          summary:
            "Count jobs by kind and status, with the past hour's times, the checklist and usage",
          response: answers({ 200: Stats }, ["forbidden"]),
        },
        config: { access: "operator" },
      },
      async (request) => {
        const { language } = request;
        const [{ facts, ...counted }, usage] = await Promise.all([
          read(""),
          // The sums take longest; the checklist is read when things go wrong and must not wait.
          readUsage("").catch((error: unknown) => {
            request.log.warn({ cause: String(error) }, "usage was not summed up");
            return null;
          }),
        ]);
        return { ...counted, checklist: checklistOf(facts, options.limits, language), usage };
      },
    );
  };
}
