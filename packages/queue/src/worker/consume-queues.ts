import { listQueueSettings, type QueueSettings, type Sql } from "@ilgam/db";
import type { Worker } from "bullmq";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { consumeQueue } from "../execution/consume-queue.ts";
import type { Executor } from "../execution/executor.ts";
import type { CatalogueEntry } from "../execution/job-context.ts";
import type { RedisConnection } from "../redis/redis.ts";
import { concurrencyOf } from "../settings/own-concurrency.ts";

/** A BullMQ worker for each queue of the catalogue, within the limits that are in force. */
export async function consumeQueues(options: {
  catalogue: readonly CatalogueEntry[];
  sql: Sql;
  dispatcher: Dispatcher;
  executor: Executor;
  connection: RedisConnection;
  /** Brings the limits to Redis. */
  background: RedisConnection;
  onRedisError: (error: Error) => void;
  onLocksLost: (deliveries: number) => void;
}): Promise<Worker[]> {
  const { catalogue, connection, executor, onRedisError, onLocksLost } = options;
  const settings = await listQueueSettings(options.sql);
  await applyLimits(settings, options.dispatcher, options.background, onRedisError);
  return catalogue.map((entry) => {
    const inForce = settings.find((one) => one.name === entry.definition.kind)?.inForce;
    const concurrency = concurrencyOf(inForce, entry.policy.concurrency);
    return consumeQueue({ entry, connection, executor, concurrency, onRedisError, onLocksLost });
  });
}

/** Global limits stand in Redis before the first job is taken; the sweeper repeats it if not. */
async function applyLimits(
  settings: readonly QueueSettings[],
  dispatcher: Dispatcher,
  redis: RedisConnection,
  onError: (error: Error) => void,
): Promise<void> {
  if (redis.status !== "ready") return;
  try {
    // As a change: one that is made meanwhile must not be undone for long.
    for (const one of settings) await dispatcher.applyChange(one);
  } catch (error) {
    onError(error as Error);
  }
}
