import { type JobDefinition, type Language, message, type ProviderName } from "@ilgam/contracts";
import { countHeld, remember, type Sql } from "@ilgam/db";
import { connectRedis, type RedisSettings } from "@ilgam/queue";
import type { PaceStanding, ProviderStanding } from "@ilgam/telemetry";
import { createPace, type HealthState, whyHeld } from "@ilgam/upstream/pace";
import type { PaceView } from "../stats/schemas.ts";
import type { ProviderView } from "./provider-view.ts";

const toIso = (epochMs: number) => new Date(epochMs).toISOString();
const isoOfUs = (us: number) => toIso(us / 1000);

/** Why the jobs of a kind wait, when a service that all of them need is away. */
export type ProviderHold = {
  provider: ProviderName;
  message: string;
  since: string;
  nextProbeAt: string;
};

export type Providers = ReturnType<typeof createProviders>;

const heldMaxAgeMs = 2_000;

/**
 * The services that the workers call, as the workers know them: asked of Redis by the names of their
 * keys. Nothing is called here.
 */
export function createProviders(deps: {
  redis: RedisSettings;
  sql: Sql;
  names: readonly ProviderName[];
  /** Told which services their jobs need. */
  kinds: readonly JobDefinition[];
}) {
  const { names, sql } = deps;
  const redis = connectRedis(deps.redis, "producer");
  const pace = createPace({ redis });
  pace.health.observe(names);
  const providersOf = new Map(deps.kinds.map(({ kind, providers = [] }) => [kind, providers]));
  const heldByQueue = remember(async () => {
    const rows = await countHeld(sql);
    return new Map(rows.map(({ queue, count }) => [queue, count]));
  }, heldMaxAgeMs);

  /** Jobs of the kinds that need it. One that needs two services waits for both. */
  async function jobsHeld(name: ProviderName, health: HealthState | undefined): Promise<number> {
    if (!health || health.state === "closed") return 0;
    const counts = await heldByQueue("");
    const queues = [...providersOf].filter(([, providers]) => providers.includes(name));
    return queues.reduce((sum, [queue]) => sum + (counts.get(queue) ?? 0), 0);
  }

  async function view(name: ProviderName, language: Language): Promise<ProviderView> {
    const [status, health] = await Promise.all([pace.status(name), pace.health.read(name)]);
    const state = health?.state ?? "closed";
    const away = health && state !== "closed" ? health : undefined;
    const { closedUntil, why, nextSlotAt, usedToday, quota, degraded } = status;
    return {
      name,
      state,
      fault: away ? away.fault : null,
      since: away ? isoOfUs(away.sinceUs) : null,
      lastError: health?.cause[language] || null,
      nextProbeAt: away?.state === "open" ? isoOfUs(away.nextProbeUs) : null,
      callsAtOnce: away?.state === "ramp" ? away.ramp : null,
      jobsHeld: await jobsHeld(name, health),
      pace: {
        closedUntil: closedUntil === null ? null : toIso(closedUntil),
        why,
        nextSlotAt: toIso(nextSlotAt),
        callsToday: usedToday,
        dailyQuota: quota,
        tokensLastMinute: status.tokensLastMinute,
      },
      isKnown: !degraded,
    };
  }

  return {
    names,
    list: (language: Language) => Promise.all(names.map((name) => view(name, language))),
    view,
    /** Probed by a worker within a second; with how it stands. */
    async probe(name: ProviderName, language: Language): Promise<ProviderView> {
      await pace.health.requestProbe(name);
      return view(name, language);
    },
    /** Undefined while its jobs may run. What this process heard within the last second. */
    holdOf(kind: string, language: Language): ProviderHold | undefined {
      const provider = providersOf
        .get(kind)
        ?.find((name) => pace.health.of(name)?.state === "open");
      const health = provider && pace.health.of(provider);
      if (!provider || !health) return undefined;
      return {
        provider,
        message: whyHeld(provider, health, language) ?? message("waiting_provider", language),
        since: isoOfUs(health.sinceUs),
        nextProbeAt: isoOfUs(health.nextProbeUs),
      };
    },
    paces: async (): Promise<PaceView[]> =>
      (await Promise.all(names.map((name) => view(name, "ko")))).map(({ name, pace: now }) => ({
        key: name,
        closedUntil: now.closedUntil,
        why: now.why,
        nextSlotAt: now.nextSlotAt,
        usedToday: now.callsToday,
        quota: now.dailyQuota,
      })),
    /** As numbers; without those of which Redis, being away, says nothing. */
    paceStanding: async (): Promise<PaceStanding[]> => {
      const seen = await Promise.all(
        names.map(async (key) => ({ key, ...(await pace.status(key)) })),
      );
      return seen
        .filter(({ degraded }) => !degraded)
        .map(({ key, usedToday, quota, closedUntil }) => ({
          key,
          callsToday: usedToday,
          dailyQuota: quota,
          closedForSeconds:
            closedUntil === null ? 0 : Math.max(0, closedUntil - Date.now()) / 1_000,
        }));
    },
    standing: async (): Promise<ProviderStanding[]> =>
      (await Promise.all(names.map((name) => view(name, "ko"))))
        .filter(({ isKnown }) => isKnown)
        .map(({ name, state, fault, jobsHeld: held }) => ({
          ...{ name, state, isOperatorsFault: fault === "operator", jobsHeld: held },
        })),
    close: () => {
      pace.health.close();
      redis.disconnect();
    },
  };
}
