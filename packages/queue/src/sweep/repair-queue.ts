import { confirmMirrored, type DispatchableJob, nextDispatch, parkJobs } from "@ilgam/db";
import { bullIdOf, keyOf } from "../dispatch/bull-names.ts";
import { windowSize } from "../dispatch/queue-window.ts";
import type { RedisConnection } from "../redis/redis.ts";
import type { Feeding } from "./feeding.ts";

/** A job that Redis counts as running for so long but nobody has claimed was lost on the way. */
const unclaimedMs = 5_000;
const oversleptMs = 1_000;
const asked = ["timestamp", "finishedOn", "processedOn", "delay"];

/** Adds the jobs of a page that Redis does not know; parks those that a full window has no room for. */
export async function repairQueue(
  feeding: Feeding,
  queue: string,
  page: DispatchableJob[],
): Promise<void> {
  if (page.length === 0) return;
  const { db, dispatcher, emit } = feeding;
  const known = await knownToRedis(feeding.redis, page);
  const missing = page.filter((job) => !known.has(job.id));
  await confirmMirrored(
    db.sql,
    page.filter((job) => known.has(job.id)).map((job) => job.id),
  );
  const depth = (await dispatcher.depths([queue])).get(queue);
  const park: string[] = [];
  const feed: string[] = [];
  for (const job of missing) {
    if (depth && depth.waiting >= windowSize && job.delayMs <= 0) {
      park.push(job.id);
    } else {
      if (depth) depth.waiting += 1;
      feed.push(job.id);
    }
  }
  await parkJobs(db.sql, park);
  const jobs = await nextDispatch(db.sql, feed);
  await dispatcher.add(jobs);
  if (jobs.length > 0) emit({ type: "redispatched", jobs: jobs.length });
}

/** Ids of one queue's jobs whose current dispatch stands in Redis, unfinished and not lost on the way to a worker. */
async function knownToRedis(redis: RedisConnection, jobs: DispatchableJob[]): Promise<Set<string>> {
  const pipeline = redis.pipeline();
  for (const job of jobs) {
    pipeline.hmget(keyOf(job.queue, bullIdOf(job)), ...asked);
  }
  const replies = (await pipeline.exec()) ?? [];
  const known = new Set<string>();
  jobs.forEach((job, index) => {
    const [error, fields] = replies[index] ?? [new Error("Redis answered too little"), null];
    if (error) throw error;
    const [timestamp, finishedOn, processedOn, delay] = fields as (string | null)[];
    const unclaimed =
      job.delayMs <= 0 && processedOn && Date.now() - Number(processedOn) > unclaimedMs;
    // Due by the database's clock, but held back by that of a process that is wrong.
    const overslept = job.delayMs < -oversleptMs && Number(delay) > 0;
    if (timestamp && !finishedOn && !unclaimed && !overslept) known.add(job.id);
  });
  return known;
}
