import type { Database } from "@ilgam/db";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { createSubmitter } from "../dispatch/submitter.ts";
import type { RedisConnection } from "../redis/redis.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { consumeTicks } from "../schedules/consume-ticks.ts";
import { createScheduleFirer } from "../schedules/fire-schedule.ts";
import type { QueueHolds } from "../settings/queue-holds.ts";
import { startSweeper } from "../sweep/sweeper.ts";
import { createWebhookFeeder } from "../webhooks/feed-webhooks.ts";
import { closeWorkers } from "./drain.ts";
import { startRecurring } from "./recurring.ts";
import type { WorkerEvent, WorkersOptions } from "./worker-options.ts";

/** A sweep that feeds a large backlog or waits for Postgres takes its time. */
const sweepPatienceMs = 1_000;

/**
 * What a worker process does beside its jobs: it fires schedules, submits recurring jobs and sweeps.
 * `stop` begins to end it at once; what it returns waits for the end.
 */
export function startUpkeep(
  options: Pick<WorkersOptions, "catalogue" | "kinds" | "sweep"> & {
    db: Database;
    redis: RedisSettings;
    connection: RedisConnection;
    dispatcher: Dispatcher;
    leaseMs: number;
    holds: QueueHolds;
    maxHoldMs: number;
    onRedisError: (error: Error) => void;
    emit: (event: WorkerEvent) => void;
  },
): { stop(): () => Promise<void> } {
  const { db, redis, dispatcher, catalogue, connection, onRedisError, emit } = options;
  const { leaseMs, holds, maxHoldMs } = options;
  const kinds = options.kinds ?? catalogue;
  const definitions = kinds.map((entry) => entry.definition);
  const submitter = createSubmitter({
    ...{ db, dispatcher, onEvent: emit },
    kinds: new Map(kinds.map((entry) => [entry.definition.kind, entry])),
  });
  const firer = createScheduleFirer({
    ...{ db, submitter, definitions },
    onRefused: (schedule, error) => emit({ type: "schedule_refused", schedule, error }),
  });
  const ticks = consumeTicks({ connection, dispatcher, firer, onRedisError });
  const recurring = startRecurring({
    submitter,
    definitions: catalogue.map((entry) => entry.definition),
    onError: (error) => emit({ type: "recurring_failed", error }),
  });
  const sweeper =
    options.sweep === false
      ? undefined
      : startSweeper({
          ...{ db, redis, dispatcher, leaseMs, holds, maxHoldMs, onEvent: emit },
          fireOverdue: firer.fireOverdue,
          feedWebhooks: createWebhookFeeder({ db, submitter, definitions }),
        });
  return {
    stop: () => {
      recurring.stop();
      const swept = sweeper?.stop();
      const ticked = closeWorkers([ticks]);
      return async () => {
        await ticked;
        await Promise.race([swept, new Promise((resolve) => setTimeout(resolve, sweepPatienceMs))]);
      };
    },
  };
}
