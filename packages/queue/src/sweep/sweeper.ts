import { randomUUID } from "node:crypto";
import {
  advancePriorityEpoch,
  checkEverything,
  confirmMirrored,
  type Database,
  type DispatchableJob,
  finishForgottenBatches,
  forgetMirroredSchedules,
  isUnavailable,
  listQueueSettings,
  nextDispatch,
  parkJobs,
  type QueueSettings,
  queuesWithParked,
  type SweepReport,
  sweepOnce,
  takeDueChecks,
  unparkJobs,
} from "@ilgam/db";
import { bullIdOf, canaryKeyOf, keyOf } from "../dispatch/bull-names.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { refillBelow, windowSize } from "../dispatch/queue-window.ts";
import { connectRedis, type RedisConnection } from "../redis/redis.ts";
import { isRedisOutage } from "../redis/redis-errors.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { scheduleQueueName } from "../schedules/schedule-queue.ts";
import { mirrorSettings } from "../settings/mirror-settings.ts";
import type { QueueHolds } from "../settings/queue-holds.ts";
import { beginFeeding, endFeeding, isWiped, type QueueMark, readMarks } from "./queue-marks.ts";
import { createHoldSweep } from "./sweep-holds.ts";

export type SweepEvent =
  | { type: "swept"; report: SweepReport }
  /** Another process sweeps. */
  | { type: "sweep_stood_by" }
  | { type: "batches_finished"; ids: string[] }
  /** These queues' Redis was wiped, restarted or replaced: all due was looked at again. */
  | { type: "redis_reset"; queues: string[]; rechecked: number }
  /** Jobs that Redis had lost or never got. */
  | { type: "redispatched"; jobs: number }
  | { type: "sweep_failed"; error: unknown };

export type SweeperOptions = {
  db: Database;
  redis: RedisSettings;
  /** With a `background` connection of its own. */
  dispatcher: Dispatcher;
  leaseMs: number;
  /** Fires the schedules that nobody has fired in time; needs no Redis. */
  fireOverdue: () => Promise<void>;
  /** Makes jobs of the webhooks that have none; needs no Redis. */
  feedWebhooks: () => Promise<void>;
  /** Queues whose jobs wait for a service that is away, and how long they may. */
  holds: QueueHolds;
  maxHoldMs: number;
  /** Between two sweeps of the holder, milliseconds. Default 300. */
  everyMs?: number;
  onEvent?: (event: SweepEvent) => void;
};

/** A job that Redis counts as running for so long but nobody has claimed was lost on the way. */
const unclaimedMs = 5_000;
const oversleptMs = 1_000;
const asked = ["timestamp", "finishedOn", "processedOn", "delay"];
const pageSize = 1_000;

/**
 * Finds what got lost and puts it right: dead workers' jobs, jobs that Redis forgot, full windows,
 * expired jobs and batches that nobody closed. Every worker process has one; one at a time works.
 */
export function startSweeper(options: SweeperOptions): { stop(): Promise<void> } {
  const { db } = options;
  const emit = options.onEvent ?? (() => undefined);
  const redis = connectRedis(options.redis, "background");
  const sweeperId = randomUUID();
  const standByMs = Math.min(2_000, options.leaseMs / 6);
  const holdSweep = createHoldSweep(options);
  let stopped = false;
  let wake: () => void = () => undefined;
  let lastBatchCheck = 0;

  async function sweep(): Promise<boolean> {
    const report = await db.sql.transaction(
      (tx) => sweepOnce(tx, { sweeperId, leaseMs: options.leaseMs, takeOverMs: standByMs }),
      { setup: "SET LOCAL idle_in_transaction_session_timeout = 2000" },
    );
    if (!report.held) {
      holdSweep.reset();
      emit({ type: "sweep_stood_by" });
      return false;
    }
    const ended = await holdSweep.sweep().catch((error: unknown) => {
      emit({ type: "sweep_failed", error });
      return [];
    });
    report.expired.push(...ended);
    emit({ type: "swept", report });
    if (report.lost.length > 0 || performance.now() - lastBatchCheck > 2_000) {
      lastBatchCheck = performance.now();
      const ids = await finishForgottenBatches(db.sql);
      if (ids.length > 0) emit({ type: "batches_finished", ids });
    }
    // Those that could not be fired are looked at again; they do not hold up the rest.
    await options.fireOverdue().catch((error: unknown) => emit({ type: "sweep_failed", error }));
    await options.feedWebhooks().catch((error: unknown) => emit({ type: "sweep_failed", error }));
    // Redis away, or the entry already gone: BullMQ's own check for stalled jobs ends it later.
    await options.dispatcher
      .endDeliveries(report.lost)
      .catch((error: unknown) => emit({ type: "sweep_failed", error }));
    await feedRedis({ ...options, redis, emit });
    return true;
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      let held = false;
      try {
        held = await sweep();
      } catch (error) {
        emit({ type: "sweep_failed", error });
      }
      if (!stopped) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, held ? (options.everyMs ?? 300) : standByMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  }

  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await running;
      redis.disconnect();
    },
  };
}

type Feeding = {
  db: Database;
  redis: RedisConnection;
  dispatcher: Dispatcher;
  emit: (event: SweepEvent) => void;
};

/**
 * Brings Redis up to what Postgres says; throws when Redis is away, having lost nothing. In a
 * Cluster each queue is looked at by itself: one whose master is away waits, the others do not.
 */
async function feedRedis(feeding: Feeding): Promise<void> {
  const { db, redis, dispatcher, emit } = feeding;
  const names = (await listQueueSettings(db.sql)).map((one) => one.name);
  const all = [...names, scheduleQueueName];
  const marks = await readMarks(redis, all, (error) => emit({ type: "sweep_failed", error }));
  // Read after the marks: older than they are, they would undo a pause that came in between.
  const settings = (await listQueueSettings(db.sql)).filter((one) => marks.has(one.name));
  const emptied = await mirrorSettings({
    ...{ redis, dispatcher, settings, marks },
    beforeEmptying: (queue) => redis.del(canaryKeyOf(queue)),
  });
  const reset = [...marks].filter(
    ([queue, mark]) => names.includes(queue) && (isWiped(mark) || emptied.has(queue)),
  );
  if (reset.length > 0) {
    const queues = reset.map(([queue]) => queue);
    for (const queue of queues) await beginFeeding(redis, queue);
    emit({ type: "redis_reset", queues, rechecked: await checkEverything(db.sql, queues) });
  }
  let page: DispatchableJob[];
  do {
    page = await takeDueChecks(db.sql, pageSize);
    // Those of a queue whose master is away come again in 5 s.
    for (const queue of marks.keys()) {
      await repairQueue(
        feeding,
        queue,
        page.filter((job) => job.queue === queue),
      );
    }
  } while (page.length === pageSize);
  await fillWindows(feeding, settings);
  for (const [queue, mark] of reset) await endFeeding(redis, queue, mark);
  await feedSchedules(feeding, marks.get(scheduleQueueName));
  for (const { name } of settings) await advancePriorityEpoch(db.sql, name);
}

/** Schedules that were changed, and after a wipe all of them. */
async function feedSchedules(
  { db, redis, dispatcher }: Feeding,
  mark: QueueMark | undefined,
): Promise<void> {
  if (!mark) return;
  if (isWiped(mark)) {
    await beginFeeding(redis, scheduleQueueName);
    await forgetMirroredSchedules(db.sql);
  }
  await dispatcher.mirrorSchedules();
  if (isWiped(mark)) await endFeeding(redis, scheduleQueueName, mark);
}

async function repairQueue(
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

/**
 * Tops up the windows from the parked jobs, in the order in which they are to run. A parked job that
 * is to run before the last of a full window is let in all the same: a window that never empties
 * would keep it out for good, and one that was taken back from a dead worker would wait for all.
 */
async function fillWindows(
  { db, dispatcher }: Feeding,
  settings: readonly QueueSettings[],
): Promise<void> {
  const parked = new Set(await queuesWithParked(db.sql));
  const queues = settings.map((one) => one.name).filter((name) => parked.has(name));
  if (queues.length === 0) return;
  const depths = await dispatcher.depths(queues);
  for (const queue of queues) {
    const { waiting = windowSize, lastPriority = 0 } = depths.get(queue) ?? {};
    let room = windowSize - waiting;
    while (room > windowSize - refillBelow) {
      const jobs = await unparkJobs(db.sql, queue, Math.min(room, pageSize));
      if (jobs.length === 0) break;
      await dispatcher.add(jobs);
      room -= jobs.length;
    }
    const epoch = settings.find((one) => one.name === queue)?.priorityEpoch ?? 0;
    await dispatcher.add(await unparkJobs(db.sql, queue, pageSize, epoch + lastPriority));
  }
}

/** True for errors that a sweeper outlives quietly: Postgres or Redis are away. */
export function isOutage(error: unknown): boolean {
  return isUnavailable(error) || isRedisOutage(error);
}
