import type { JobPolicy } from "@ilgam/contracts";
import { ensureQueues } from "@ilgam/db";
import type { Worker } from "bullmq";
import { listenToChannels } from "../dispatch/cancel-channel.ts";
import { createDispatcher } from "../dispatch/dispatcher.ts";
import { currentJob } from "../execution/current-job.ts";
import type { CatalogueEntry } from "../execution/job-context.ts";
import { connectRedis } from "../redis/redis.ts";
import { followSettings } from "../settings/own-concurrency.ts";
import { followHolds, noHolds } from "../settings/queue-holds.ts";
import { consumeQueues } from "./consume-queues.ts";
import { watchConsuming } from "./consuming.ts";
import { drain } from "./drain.ts";
import { startUpkeep } from "./start-upkeep.ts";
import { trustRedisHere } from "./trust-redis-here.ts";
import { createWorkerExecutor } from "./worker-executor.ts";
import { keepWorkerLease } from "./worker-lease.ts";
import type { RunningWorkers, WorkersOptions } from "./worker-options.ts";

/** Starts consuming the catalogue's queues; resolves when the process has its lease. */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const { db, redis, catalogue, onEvent: emit = () => undefined } = options;
  const { holds = noHolds, maxHoldMs = 86_400_000, leaseMs = 15_000 } = options;
  const onRedisError = (error: Error) => emit({ type: "redis_error", error });
  const queues = catalogue.map((entry) => entry.definition.kind);
  const background = connectRedis(redis, "background", onRedisError);
  const trust = await trustRedisHere(background, options).catch((error: unknown) => {
    background.disconnect();
    throw error;
  });
  await ensureQueues(db.sql, catalogue.map(queueOf));

  let workers: Worker[] = [];
  let stopping = false;
  const isStopping = () => stopping;
  const dispatcher = createDispatcher({
    ...{ redis, db, queues, connection: background },
    onEvent: emit,
  });
  const executor = createWorkerExecutor(options, {
    ...{ dispatcher, background, isStopping, maxHoldMs, onRedisError, emit },
    workerId: () => lease.workerId(),
  });
  const connection = connectRedis(redis, "worker", onRedisError);
  const own = followSettings({
    ...{ sql: db.sql, inHand: executor.inHand, isStopping, workers: () => workers },
    declared: new Map(catalogue.map((entry) => [entry.definition.kind, entry.policy.concurrency])),
    onError: (error) => emit({ type: "settings_unread", error }),
  });
  const lease = await keepWorkerLease({
    ...{ db, leaseMs, queues, version: options.version, executor, own, isStopping, emit },
    isConsuming: watchConsuming({
      ...{ sql: db.sql, dispatcher, executor, connection, holds },
      workers: () => workers,
    }),
  });
  const channels = listenToChannels(
    redis,
    { cancel: (id) => executor.abort(id, "cancelled"), settings: () => void own.refresh() },
    onRedisError,
  );
  workers = await consumeQueues({
    ...{ catalogue, sql: db.sql, dispatcher, executor, connection, background, onRedisError },
    onLocksLost: (jobs) => emit({ type: "lock_renewal_failed", jobs }),
  });
  const stopHolds = followHolds({
    ...{ holds: trust.until(holds), workers: () => workers, isStopping },
    onError: onRedisError,
  });
  await lease.beat();
  const upkeep = startUpkeep({
    ...{ ...options, connection, dispatcher, leaseMs, holds, maxHoldMs, onRedisError, emit },
  });

  return {
    inHand: () => executor.inHand(),
    workerId: () => lease.workerId(),
    health: () => ({
      lease: lease.alive(),
      redis: connection.status === "ready",
      consuming: lease.consuming(),
    }),
    noteCall: (call) => {
      const job = currentJob();
      if (job) own.noteCall(job.queue, call);
    },
    stop: async (graceMs) => {
      stopping = true;
      own.stop();
      stopHolds();
      // Told, not waited for: Postgres may be away.
      const told = lease.beat();
      const upkeepEnded = upkeep.stop();
      await drain(workers, executor, graceMs);
      await upkeepEnded();
      channels.close();
      await told;
      await lease.stop();
      await dispatcher.close();
      background.disconnect();
      connection.disconnect();
    },
  };
}

function queueOf(
  entry: CatalogueEntry,
): { name: string } & Pick<JobPolicy, "globalConcurrency" | "limiter"> {
  const { globalConcurrency, limiter } = entry.policy;
  return { name: entry.definition.kind, globalConcurrency, limiter };
}
