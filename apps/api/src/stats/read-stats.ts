import type { JobStatus, Usage } from "@ilgam/contracts";
import { listWorkers, type Reads, remember } from "@ilgam/db";
import type { AppServices } from "../app-services.ts";
import type { ChecklistLimits } from "./checklist-env.ts";
import { checklistFacts } from "./checklist-facts.ts";
import type { KindStats, PaceView, UsageStats } from "./schemas.ts";
import { lastDays } from "./usage-window.ts";

/** Counting reads whole tables: once in so long for all who ask. */
const maxAgeMs = 2_000;
/** The most expensive jobs of a month may be picked from a million. */
const usageMaxAgeMs = 30_000;
const mostExpensive = 10;

/** The sums of the last 30 days, for half a minute. */
export function createUsageReader(usage: Reads["usage"], timeZone: string) {
  return remember(() => usageStats(usage, timeZone), usageMaxAgeMs);
}

async function usageStats(usage: Reads["usage"], timeZone: string): Promise<UsageStats> {
  const now = new Date();
  const window = lastDays(timeZone, now);
  const [total, days, kinds, models, sets, batches, jobs] = await Promise.all([
    usage.total(window),
    usage.by("day", window, 31),
    usage.by("kind", window, 100),
    usage.by("model", window, 100),
    usage.by("set", window, mostExpensive),
    usage.by("batch", window, mostExpensive),
    usage.by("job", window, mostExpensive),
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

/** What the reads of statistics need beside the services. */
export type StatsOptions = {
  readPaces?: (() => Promise<PaceView[]>) | undefined;
  limits: ChecklistLimits;
  usageTimeZone: string;
};

/** What all who ask within two seconds are shown, each in their language. */
export function createCountReader(services: AppServices, options: StatsOptions) {
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
