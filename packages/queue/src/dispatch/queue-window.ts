import type { RedisConnection } from "../redis/redis.ts";
import { ofThoseThatAnswer } from "../sweep/queue-marks.ts";
import { keyOf } from "./bull-names.ts";

/** What stands in Redis for one queue. */
export type QueueDepth = {
  /** Ready to run. */
  waiting: number;
  active: number;
  delayed: number;
  /** BullMQ priority of the last that waits; 0 when none does. */
  lastPriority: number;
};

/** Due jobs of one queue that may stand in Redis; the others wait in Postgres. */
export const windowSize = 10_000;

/** A window that holds fewer is topped up from the parked jobs. */
export const refillBelow = (windowSize * 3) / 4;

/**
 * Reads what stands in Redis for each queue; one whose server is away is left out, and `onMissing`
 * is told why.
 * @throws when no queue's server answers.
 */
export function readDepths(
  redis: RedisConnection,
  queues: readonly string[],
  onMissing: (error: Error) => void,
): Promise<Map<string, QueueDepth>> {
  return ofThoseThatAnswer(queues, (queue) => readDepth(redis, queue), onMissing);
}

async function readDepth(redis: RedisConnection, queue: string): Promise<QueueDepth> {
  const pipeline = redis.pipeline();
  pipeline.zcard(keyOf(queue, "prioritized"));
  pipeline.llen(keyOf(queue, "wait"));
  pipeline.llen(keyOf(queue, "active"));
  pipeline.zcard(keyOf(queue, "delayed"));
  pipeline.zrevrange(keyOf(queue, "prioritized"), 0, 0, "WITHSCORES");
  const replies = (await pipeline.exec()) ?? [];
  const [prioritized = 0, wait = 0, active = 0, delayed = 0, lastScore = 0] = replies.map(
    ([error, value]) => {
      if (error) throw error;
      return Array.isArray(value) ? Number(value[1] ?? 0) : Number(value);
    },
  );
  const lastPriority = Math.floor(lastScore / 2 ** 32);
  return { waiting: prioritized + wait, active, delayed, lastPriority };
}
