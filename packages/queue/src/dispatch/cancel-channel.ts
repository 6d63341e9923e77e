import { connectRedis } from "../redis/redis.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";

/** Pub/sub channel of cancellations; a message is a job id. */
export const cancelChannel = "{ilgam}:cancel";

/** Pub/sub channel of queues whose settings have changed; a message is the queue's name. */
export const settingsChannel = "{ilgam}:settings-changed";

/** Calls back with each message of the channels. Misses are no loss: both are looked up as well. */
export function listenToChannels(
  settings: RedisSettings,
  heard: { cancel: (jobId: string) => void; settings: (queue: string) => void },
  onError: (error: Error) => void,
): { close(): void } {
  const redis = connectRedis(settings, "subscriber", onError);
  redis.on("message", (channel, message: string) => {
    if (channel === cancelChannel) heard.cancel(message);
    else heard.settings(message);
  });
  redis.subscribe(cancelChannel, settingsChannel).catch(onError);
  return { close: () => redis.disconnect() };
}
