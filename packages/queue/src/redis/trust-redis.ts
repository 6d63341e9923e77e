import type { QueueHolds } from "../settings/queue-holds.ts";
import { isOutage } from "./is-outage.ts";
import type { RedisConnection } from "./redis.ts";

const againMs = 1_000;
const unchecked = "Redis has not been looked at yet";

/**
 * A Redis that is absent at the start is looked at when it comes: until then no job is taken from it,
 * and one that is found wrong is not used at all.
 * @param options.check rejects with what is wrong
 * @param options.onWrong the process cannot go on with it
 */
export async function trustRedis(options: {
  redis: RedisConnection;
  check: () => Promise<void>;
  onWrong: (error: Error) => void;
  /** It could not be looked at now; that is done again. */
  onError: (error: Error) => void;
}): Promise<{
  /** `holds`, and every queue until Redis has been looked at. */
  until(holds: QueueHolds): QueueHolds;
}> {
  const { redis, check, onWrong, onError } = options;
  const listeners = new Set<() => void>();
  let isTrusted = redis.status === "ready";
  if (isTrusted) await check();

  async function look(): Promise<void> {
    try {
      await check();
      isTrusted = true;
      redis.off("ready", onReady);
      for (const listener of listeners) listener();
    } catch (error) {
      if (redis.status === "ready" && !isOutage(error)) return onWrong(error as Error);
      // Redis is lost again, or Postgres, which knows whose it should be, is away.
      onError(error as Error);
      setTimeout(onReady, againMs).unref();
    }
  }
  function onReady(): void {
    if (redis.status === "ready" && !isTrusted) void look();
  }
  if (!isTrusted) redis.on("ready", onReady);

  return {
    until: (holds) => ({
      heldBy: (queue) => (isTrusted ? holds.heldBy(queue) : unchecked),
      onChange: (listener) => {
        listeners.add(listener);
        const end = holds.onChange(listener);
        return () => {
          listeners.delete(listener);
          end();
        };
      },
    }),
  };
}
