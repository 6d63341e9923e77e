import type { Database, DispatchableJob, QueueSettings } from "@ilgam/db";
import type { Queue } from "bullmq";
import { connectRedis, type RedisConnection } from "../redis/redis.ts";
import { forgetArguments } from "../redis/redis-errors.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { mirrorSchedules, scheduleQueueName } from "../schedules/schedule-queue.ts";
import { applySettings } from "../settings/apply-settings.ts";
import { forgetMirroredLimits } from "../settings/mirrored-settings.ts";
import { createAddJobs } from "./add-jobs.ts";
import { bullIdOf, bullPriority, canaryKeyOf } from "./bull-names.ts";
import { cancelChannel, settingsChannel } from "./cancel-channel.ts";
import type { DispatchEvent } from "./dispatch-event.ts";
import { endDelivery } from "./end-delivery.ts";
import { openQueues } from "./open-queues.ts";
import { createEpochCache } from "./priority-epochs.ts";
import { type QueueDepth, readDepths } from "./queue-window.ts";
import { watchWindow } from "./watch-window.ts";

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

/** Postgres' arm into Redis: everything that it does can be done again. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db } = options;
  const emit = options.onEvent ?? (() => undefined);
  const onError = (error: Error) => emit({ type: "redis_error", error: forgetArguments(error) });
  const redis = options.connection ?? connectRedis(options.redis, "producer", onError);
  const queues = openQueues(options.queues, redis, onError);
  const epochs = createEpochCache(db);
  const window = watchWindow(() => readDepths(redis, queues.names(), onError));
  const adds = createAddJobs({
    ...{ db, emit },
    queueOf: queues.of,
    epochOf: epochs.of,
    onAdded: window.grow,
  });

  async function apply(settings: QueueSettings, change?: { newEpoch: boolean }): Promise<void> {
    const queue = queues.of(settings.name);
    if (change?.newEpoch) {
      epochs.forget();
      await queue.drain(true);
    }
    await applySettings(queue, settings);
    await redis.publish(settingsChannel, settings.name);
  }

  return {
    add: adds.add,
    announce: adds.announce,
    shouldPark: (queue, virtualStart) =>
      window.isFull(queue, bullPriority(virtualStart, epochs.known(queue))),
    depths: (names = queues.names()) => readDepths(redis, names, onError),
    applySettings: apply,
    applyChange: async (settings) => {
      await apply(settings);
      // Two changes at once may be copied in the wrong order: the sweeper compares anew.
      await forgetMirroredLimits(redis, settings.name);
    },
    endDeliveries: async (jobs) => {
      await Promise.all(jobs.map((job) => endDelivery(redis, queues.of(job.queue), bullIdOf(job))));
    },
    requestCancel: (ids) => {
      for (const id of ids) {
        redis.publish(cancelChannel, id).catch(onError);
      }
    },
    mirrorSchedules: () => mirrorSchedules(db.sql, queues.of(scheduleQueueName)),
    forgetSchedule: async (id) => {
      await queues.of(scheduleQueueName).removeJobScheduler(id);
    },
    ping: async () => {
      await Promise.all(queues.names().map((name) => redis.exists(canaryKeyOf(name))));
    },
    bullQueues: queues.own,
    bullSchedules: () => queues.of(scheduleQueueName),
    close: async () => {
      window.stop();
      await adds.close();
      await queues.close();
      if (!options.connection) redis.disconnect();
    },
  };
}
