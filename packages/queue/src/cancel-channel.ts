import { connectRedis } from "./redis.ts";
import type { RedisSettings } from "./redis-settings.ts";

/** Pub/sub channel of cancellations; a message is a job id. */
export const cancelChannel = "{ilgam}:cancel";

/** Calls back with the id of each job whose cancellation is asked for. Misses are no loss. */
export function listenForCancels(
  settings: RedisSettings,
  onCancel: (jobId: string) => void,
  onError: (error: Error) => void,
): { close(): void } {
  const redis = connectRedis(settings, "subscriber", onError);
  redis.on("message", (_channel, jobId: string) => onCancel(jobId));
  redis.subscribe(cancelChannel).catch(onError);
  return { close: () => redis.disconnect() };
}
