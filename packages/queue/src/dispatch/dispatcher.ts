import { randomUUID } from "node:crypto";
import {
  checkNow,
  type Database,
  type DispatchableJob,
  listQueueSettings,
  MicroBatcher,
  type QueueSettings,
} from "@ilgam/db";
import { Queue } from "bullmq";
import { connectRedis, type RedisConnection } from "../redis/redis.ts";
import { forgetArguments } from "../redis/redis-errors.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { mirrorSchedules, scheduleQueueName } from "../schedules/schedule-queue.ts";
import { forgetMirroredLimits } from "../settings/mirror-settings.ts";
import { bullIdOf, bullPriority, canaryKeyOf, keyOf, prefixOf } from "./bull-names.ts";
import { cancelChannel, settingsChannel } from "./cancel-channel.ts";
import { type QueueDepth, readDepths, refillBelow, windowSize } from "./queue-window.ts";

/** Counted by whoever watches; none of these loses a job. */
export type DispatchEvent =
  | { type: "announced"; jobs: number }
  /** Redis did not take them: the sweeper will. */
  | { type: "announce_failed"; jobs: number; error: Error }
  | { type: "redis_error"; error: Error };

export type Dispatcher = {
  /** Puts jobs into Redis in the background; never throws, never loses: the sweeper repairs. */
  announce(jobs: DispatchableJob[]): void;
  /** Puts jobs into Redis and waits; for the sweeper. */
  add(jobs: DispatchableJob[]): Promise<void>;
  /** True when the queue's window is full and the job would stand behind all in it. */
  shouldPark(queue: string, virtualStart: number): boolean;
  /**
   * What stands in Redis for each queue; default: its own ones. In a Cluster without those whose
   * master is away. @throws when Redis is away
   */
  depths(queues?: readonly string[]): Promise<Map<string, QueueDepth>>;
  /**
   * Copies what is in force for a queue into Redis and tells the workers; for the sweeper.
   * `newEpoch`: its priority epoch has moved, and what waits is taken out, to be fed again in the
   * new numbers. @throws when Redis is away
   */
  applySettings(settings: QueueSettings, change?: { newEpoch: boolean }): Promise<void>;
  /** The same at once after a change; the sweeper repeats it. @throws when Redis is away */
  applyChange(settings: QueueSettings): Promise<void>;
  /**
   * Ends deliveries to workers that died, which BullMQ itself notices 30 s later: until then they
   * would take places of the queue's global concurrency. Best effort.
   */
  endDeliveries(jobs: Pick<DispatchableJob, "id" | "queue" | "dispatch">[]): Promise<void>;
  /** Tells the workers at once; their next lease tick would find it anyway. */
  requestCancel(ids: string[]): void;
  /** Brings changed schedules to Redis; for the sweeper. @throws when Redis is away */
  mirrorSchedules(): Promise<void>;
  /** Takes a schedule out of Redis. @throws when Redis is away */
  forgetSchedule(id: string): Promise<void>;
  /** @throws when the Redis of any of its queues is away */
  ping(): Promise<void>;
  /** For Bull Board: the deliveries of jobs. */
  bullQueues(): Queue[];
  /** For Bull Board: the ticks of schedules, whose data is `{ scheduleId }`. */
  bullSchedules(): Queue;
  close(): Promise<void>;
};

export type DispatcherOptions = {
  redis: RedisSettings;
  db: Database;
  queues: readonly string[];
  /** A connection to share, which stays its owner's; default: a `producer` one of its own. */
  connection?: RedisConnection;
  onEvent?: (event: DispatchEvent) => void;
};

/** Jobs due later than this stay in Postgres until the sweeper brings them. */
const mirrorAheadMs = 60_000;
const windowPollMs = 500;
const settingsMaxAgeMs = 30_000;
/** For adds that are under way when the dispatcher closes. */
const lastAddsMs = 1_000;

/** Postgres' arm into Redis: everything that it does can be done again. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db } = options;
  const emit = options.onEvent ?? (() => undefined);
  const onError = (error: Error) => emit({ type: "redis_error", error: forgetArguments(error) });
  const redis = options.connection ?? connectRedis(options.redis, "producer", onError);
  const queues = new Map(options.queues.map((name) => [name, openQueue(name, redis, onError)]));
  const epochs = createEpochCache(db);
  const window = watchWindow(() => readDepths(redis, [...queues.keys()], onError));

  // The sweeper repairs the queues of all workers, also of kinds that its own process does not run.
  const others = new Map<string, Queue>();
  function queueOf(name: string): Queue {
    const known = queues.get(name) ?? others.get(name);
    if (known) return known;
    const opened = openQueue(name, redis, onError);
    others.set(name, opened);
    return opened;
  }

  async function apply(settings: QueueSettings, change?: { newEpoch: boolean }): Promise<void> {
    const queue = queueOf(settings.name);
    if (change?.newEpoch) {
      epochs.forget();
      await queue.drain(true);
    }
    await applySettings(queue, settings);
    await redis.publish(settingsChannel, settings.name);
  }

  async function add(jobs: DispatchableJob[]): Promise<void> {
    const near = jobs.filter((job) => job.delayMs <= mirrorAheadMs);
    const names = new Set(near.map((job) => job.queue));
    // Beside each other: in a Cluster one's master may be away, which is no reason for the others.
    const results = await Promise.allSettled(
      [...names].map((name) =>
        addTo(
          name,
          near.filter((job) => job.queue === name),
        ),
      ),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  async function addTo(name: string, jobs: DispatchableJob[]): Promise<void> {
    const epoch = await epochs.of(name);
    await queueOf(name).addBulk(jobs.map((job) => bullJobOf(job, epoch)));
    window.grow(name, jobs.length);
  }

  const adds = new MicroBatcher<DispatchableJob, undefined>({
    maxRows: 500,
    maxWaiting: 50_000,
    flush: async (jobs) => {
      await add(jobs);
      emit({ type: "announced", jobs: jobs.length });
      return jobs.map(() => undefined);
    },
  });

  const underWay = new Set<Promise<void>>();
  async function announceAll(jobs: DispatchableJob[]): Promise<void> {
    const results = await Promise.allSettled(jobs.map((job) => adds.add(job)));
    const failed = jobs.filter((_, index) => results[index]?.status === "rejected");
    if (failed.length === 0) return;
    const reason = results.find((result) => result.status === "rejected")?.reason;
    emit({ type: "announce_failed", jobs: failed.length, error: reason as Error });
    await checkNow(
      db.sql,
      failed.map((job) => job.id),
    );
  }

  return {
    add,
    announce: (jobs) => {
      // Postgres away too: check_at is 5 s after submission anyway.
      const told = announceAll(jobs)
        .catch((error: Error) => emit({ type: "announce_failed", jobs: jobs.length, error }))
        .finally(() => underWay.delete(told));
      underWay.add(told);
    },
    shouldPark: (queue, virtualStart) =>
      window.isFull(queue, bullPriority(virtualStart, epochs.known(queue))),
    depths: (names = [...queues.keys()]) => readDepths(redis, names, onError),
    applySettings: apply,
    applyChange: async (settings) => {
      await apply(settings);
      // Two changes at once may be copied in the wrong order: the sweeper compares anew.
      await forgetMirroredLimits(redis, settings.name);
    },
    endDeliveries: async (jobs) => {
      await Promise.all(jobs.map((job) => endDelivery(redis, queueOf(job.queue), bullIdOf(job))));
    },
    requestCancel: (ids) => {
      for (const id of ids) {
        redis.publish(cancelChannel, id).catch(onError);
      }
    },
    mirrorSchedules: () => mirrorSchedules(db.sql, queueOf(scheduleQueueName)),
    forgetSchedule: async (id) => {
      await queueOf(scheduleQueueName).removeJobScheduler(id);
    },
    ping: async () => {
      await Promise.all([...queues.keys()].map((name) => redis.exists(canaryKeyOf(name))));
    },
    bullQueues: () => [...queues.values()],
    bullSchedules: () => queueOf(scheduleQueueName),
    close: async () => {
      window.stop();
      // What was given back last should be known at once, not by the sweeper's next look.
      const late = new Promise((resolve) => setTimeout(resolve, lastAddsMs).unref());
      await Promise.race([Promise.allSettled(underWay), late]);
      const opened = [...queues.values(), ...others.values()];
      await Promise.allSettled(opened.map((queue) => queue.close()));
      if (!options.connection) redis.disconnect();
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

function bullJobOf(job: DispatchableJob, priorityEpoch: number) {
  return {
    name: job.queue,
    data: { id: job.id },
    opts: {
      jobId: bullIdOf(job),
      priority: bullPriority(job.virtualStart, priorityEpoch),
      delay: Math.max(0, Math.ceil(job.delayMs)),
      attempts: 1,
    },
  };
}

/** The pause comes last: resuming wakes the workers, who then find the new limits. */
async function applySettings(queue: Queue, { inForce }: QueueSettings): Promise<void> {
  const { globalConcurrency, rate, paused } = inForce;
  await (globalConcurrency === null
    ? queue.removeGlobalConcurrency()
    : queue.setGlobalConcurrency(globalConcurrency));
  const before = await queue.getGlobalRateLimit();
  if (before?.max !== rate?.max || before?.duration !== rate?.durationMs) {
    await (rate === null
      ? queue.removeGlobalRateLimit()
      : queue.setGlobalRateLimit(rate.max, rate.durationMs));
    // What the old rate had counted would hold up the new one until the old duration is over.
    await queue.removeRateLimitKey();
  }
  await (paused ? queue.pause() : queue.resume());
}

async function endDelivery(redis: RedisConnection, queue: Queue, bullId: string): Promise<void> {
  const job = await queue.getJob(bullId);
  if (!job || !(await job.isActive())) return;
  const token = randomUUID();
  await redis.set(keyOf(queue.name, `${bullId}:lock`), token, "PX", 10_000);
  await job.moveToFailed(new Error("worker_lost: the worker process died"), token);
}

/** Priority epochs by queue, read again after 30 s. */
function createEpochCache(db: Database) {
  let epochs = new Map<string, number>();
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    known: (queue: string) => epochs.get(queue) ?? 0,
    forget: () => {
      readAt = Number.NEGATIVE_INFINITY;
    },
    of: async (queue: string) => {
      if (performance.now() - readAt > settingsMaxAgeMs || !epochs.has(queue)) {
        const rows = await listQueueSettings(db.sql);
        epochs = new Map(rows.map((row) => [row.name, row.priorityEpoch]));
        readAt = performance.now();
      }
      return epochs.get(queue) ?? 0;
    },
  };
}

/** Keeps an eye on how full the queues' windows are, only while something is added. */
function watchWindow(read: () => Promise<Map<string, QueueDepth>>) {
  let depths = new Map<string, QueueDepth>();
  /** Full once, until there is room for a feed: else newcomers would take the parked jobs' room. */
  const full = new Set<string>();
  let readAt = performance.now();
  let reading = false;
  async function refresh(): Promise<void> {
    reading = true;
    try {
      depths = await read();
      for (const [queue, { waiting }] of depths) {
        if (waiting >= windowSize) full.add(queue);
        else if (waiting < refillBelow) full.delete(queue);
      }
    } catch {
      // Redis away: nothing is known, so nothing is parked; the sweeper parks what is too much.
      depths = new Map();
    } finally {
      readAt = performance.now();
      reading = false;
    }
  }
  return {
    grow: (queue: string, jobs: number) => {
      const depth = depths.get(queue);
      if (depth) depth.waiting += jobs;
    },
    isFull: (queue: string, priority: number) => {
      if (!reading && performance.now() - readAt > windowPollMs) void refresh();
      const depth = depths.get(queue);
      if (!depth || (depth.waiting < windowSize && !full.has(queue))) return false;
      return depth.waiting >= 2 * windowSize || priority > depth.lastPriority;
    },
    stop: () => {
      reading = true;
    },
  };
}
