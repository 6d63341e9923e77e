import { connectRedis, type RedisSettings } from "@ilgam/queue";
import type { PaceStanding } from "@ilgam/telemetry";
import { createPace } from "@ilgam/upstream/pace";
import type { PaceView } from "./routes/stats.ts";

const toIso = (epochMs: number) => new Date(epochMs).toISOString();

/** Where the provider keys of the workers stand, asked of Redis by the names that they use. */
export function createPaceReader(settings: RedisSettings, keys: readonly string[]) {
  const redis = connectRedis(settings, "producer");
  const pace = createPace({ redis });
  return {
    read: (): Promise<PaceView[]> =>
      Promise.all(
        keys.map(async (key) => {
          const { closedUntil, why, nextSlotAt, usedToday, quota } = await pace.status(key);
          return {
            key,
            closedUntil: closedUntil === null ? null : toIso(closedUntil),
            why,
            nextSlotAt: toIso(nextSlotAt),
            usedToday,
            quota,
          };
        }),
      ),
    /** As numbers; without those of which Redis, being away, says nothing. */
    standing: async (): Promise<PaceStanding[]> => {
      const seen = await Promise.all(
        keys.map(async (key) => ({ key, ...(await pace.status(key)) })),
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
    close: () => redis.disconnect(),
  };
}
