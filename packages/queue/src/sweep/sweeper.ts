import { randomUUID } from "node:crypto";
import { type Database, finishForgottenBatches, sweepOnce } from "@ilgam/db";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { connectRedis } from "../redis/redis.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import type { QueueHolds } from "../settings/queue-holds.ts";
import { feedRedis } from "./feed-redis.ts";
import type { SweepEvent } from "./sweep-event.ts";
import { createHoldSweep } from "./sweep-holds.ts";

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
