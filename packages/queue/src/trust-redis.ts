import type { QueueHolds } from "./queue-holds.ts";
import type { RedisConnection } from "./redis.ts";

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
  /** Redis was lost again before it was looked at. */
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
      if (redis.status === "ready") onWrong(error as Error);
      else onError(error as Error);
    }
  }
  function onReady(): void {
    void look();
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
