import { Queue } from "bullmq";
import type { RedisConnection } from "../redis/redis.ts";
import { prefixOf } from "./bull-names.ts";

/**
 * BullMQ's producers by name: its own from the start, others when they are first asked for, since a
 * sweeper repairs the queues of all workers, also of kinds that its own process does not run.
 */
export function openQueues(
  names: readonly string[],
  connection: RedisConnection,
  onError: (error: Error) => void,
) {
  const own = new Map(names.map((name) => [name, openQueue(name, connection, onError)]));
  const others = new Map<string, Queue>();
  return {
    names: () => [...own.keys()],
    own: () => [...own.values()],
    of: (name: string): Queue => {
      const known = own.get(name) ?? others.get(name);
      if (known) return known;
      const opened = openQueue(name, connection, onError);
      others.set(name, opened);
      return opened;
    },
    close: async () => {
      const opened = [...own.values(), ...others.values()];
      await Promise.allSettled(opened.map((queue) => queue.close()));
    },
  };
}

function openQueue(
  name: string,
  connection: RedisConnection,
  onError: (error: Error) => void,
): Queue {
  const queue = new Queue(name, {
    connection,
    prefix: prefixOf(name),
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    streams: { events: { maxLen: 1_000 } },
  });
  queue.on("error", onError);
  return queue;
}
