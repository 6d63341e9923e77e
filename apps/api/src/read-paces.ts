import { connectRedis, type RedisSettings } from "@ilgam/queue";
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
    close: () => redis.disconnect(),
  };
}
