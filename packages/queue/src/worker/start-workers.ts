import { hostname } from "node:os";
import type { JobPolicy } from "@ilgam/contracts";
import {
  type Database,
  ensureQueues,
  installationId,
  listQueueSettings,
  type QueueSettings,
} from "@ilgam/db";
import type { Worker } from "bullmq";
import { listenToChannels } from "../dispatch/cancel-channel.ts";
import { createDispatcher, type DispatchEvent, type Dispatcher } from "../dispatch/dispatcher.ts";
import { createSubmitter, type SubmitEvent } from "../dispatch/submitter.ts";
import { consumeQueue } from "../execution/consume-queue.ts";
import { currentJob } from "../execution/current-job.ts";
import {
  type AroundAttempt,
  createExecutor,
  type ExecutionEvent,
  type Executor,
} from "../execution/execution.ts";
import type { CatalogueEntry } from "../execution/job-context.ts";
import { createSettler } from "../execution/settler.ts";
import { createSpool } from "../execution/spool.ts";
import { checkRedisSettings } from "../redis/check-redis.ts";
import { claimRedis } from "../redis/claim-redis.ts";
import { connectRedis, type RedisConnection } from "../redis/redis.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { trustRedis } from "../redis/trust-redis.ts";
import { consumeTicks } from "../schedules/consume-ticks.ts";
import { createScheduleFirer } from "../schedules/fire-schedule.ts";
import type { CallEnd } from "../settings/adaptive-concurrency.ts";
import { concurrencyOf, followSettings } from "../settings/own-concurrency.ts";
import { followHolds, noHolds, type QueueHolds } from "../settings/queue-holds.ts";
import { type SweepEvent, startSweeper } from "../sweep/sweeper.ts";
import { createWebhookFeeder } from "../webhooks/feed-webhooks.ts";
import { watchConsuming } from "./consuming.ts";
import { keepLease } from "./lease-keeper.ts";
import { startRecurring } from "./recurring.ts";

export type WorkerEvent =
  | ExecutionEvent
  | SweepEvent
  | DispatchEvent
  | SubmitEvent
  | { type: "lock_renewal_failed"; jobs: number }
  | { type: "lease_lost"; inHand: number }
  | { type: "lease_error"; error: unknown }
  | { type: "settings_unread"; error: unknown }
  | { type: "recurring_failed"; error: unknown }
  | { type: "schedule_refused"; schedule: string; error: unknown }
  | { type: "warning"; text: string };

export type WorkersOptions = {
  db: Database;
  redis: RedisSettings;
  catalogue: readonly CatalogueEntry[];
  /** Every kind there is: schedules fire for those too that others run. Default: the catalogue. */
  kinds?: readonly Pick<CatalogueEntry, "definition" | "policy">[];
  version: string;
  /** Default 15,000. */
  leaseMs?: number;
  /** Default 100. */
  maxSnoozes?: number;
  /** Longest wait of one job for a service that is away. Default 24 h. */
  maxHoldMs?: number;
  /** Queues that cannot run for the moment. Default: none ever. */
  holds?: QueueHolds;
  /** Default 10,000. */
  abortGraceMs?: number;
  /** Run a sweeper too. Default true; false only to show what it is for. */
  sweep?: boolean;
  onEvent?: (event: WorkerEvent) => void;
  aroundAttempt?: AroundAttempt | undefined;
  /** A handler could not be stopped: the process should drain and be replaced. */
  onRecycle?: () => void;
};

/** Whether this process takes jobs, part by part; all true while it does. */
export type WorkerHealth = {
  /** Its lease was renewed in time. */
  lease: boolean;
  /** Its connection to Redis stands. */
  redis: boolean;
  /** It is not draining, and no ready job has waited for it in vain. */
  consuming: boolean;
};

export type RunningWorkers = {
  /** Stops taking jobs, waits for those in hand, gives back what is not done after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  inHand(): number;
  workerId(): string;
  health(): WorkerHealth;
  /** Tells how an outbound call ended, called in the context of the job that made it. */
  noteCall(call: CallEnd): void;
};

/** Starts consuming the catalogue's queues; resolves when the process has its lease. */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const { db, redis, catalogue } = options;
  const { holds = noHolds, maxHoldMs = 86_400_000, leaseMs = 15_000 } = options;
  const emit = options.onEvent ?? (() => undefined);
  const onRedisError = (error: Error) => emit({ type: "redis_error", error });
  const queues = catalogue.map((entry) => entry.definition.kind);
  const background = connectRedis(redis, "background", onRedisError);
  const trust = await trustRedisHere(background, options).catch((error: unknown) => {
    background.disconnect();
    throw error;
  });
  await ensureQueues(db.sql, catalogue.map(queueOf));

  const spool = createSpool(background, onRedisError);
  const dispatcher = createDispatcher({
    ...{ redis, db, queues, connection: background },
    onEvent: emit,
  });
  const settler = createSettler({
    ...{ db, dispatcher, spool },
    onRefused: (job, error) => emit({ type: "handler_error", job, error }),
    onBatchesFinished: (ids) => emit({ type: "batches_finished", ids }),
  });
  let workers: Worker[] = [];
  let stopping = false;
  const executor: Executor = createExecutor({
    db,
    settler,
    spool,
    workerId: () => lease.workerId(),
    maxSnoozes: options.maxSnoozes ?? 100,
    maxHoldMs,
    abortGraceMs: options.abortGraceMs ?? 10_000,
    aroundAttempt: options.aroundAttempt,
    onEvent: (event) => {
      emit(event);
      if (event.type === "handler_ignored_abort" && !stopping) options.onRecycle?.();
    },
  });
  const connection = connectRedis(redis, "worker", onRedisError);
  let consuming = false;
  const isConsuming = watchConsuming({
    ...{ sql: db.sql, dispatcher, executor, connection, holds },
    workers: () => workers,
  });
  const own = followSettings({
    sql: db.sql,
    declared: new Map(catalogue.map((entry) => [entry.definition.kind, entry.policy.concurrency])),
    workers: () => workers,
    inHand: (queue) => executor.inHand(queue),
    isStopping: () => stopping,
    onError: (error) => emit({ type: "settings_unread", error }),
  });
  const lease = await keepLease({
    db,
    leaseMs,
    host: hostname(),
    version: options.version,
    queues,
    pulse: async () => {
      void own.refresh();
      consuming = await isConsuming();
      const [inHand, concurrency] = [executor.inHand(), own.inForce()];
      return { consuming, inHand, draining: stopping, concurrency };
    },
    onLost: () => {
      emit({ type: "lease_lost", inHand: executor.inHand() });
      executor.abortAll("lease_lost");
    },
    onCancelRequested: (id) => executor.abort(id, "cancelled"),
    onError: (error) => emit({ type: "lease_error", error }),
  });
  const channels = listenToChannels(
    redis,
    { cancel: (id) => executor.abort(id, "cancelled"), settings: () => void own.refresh() },
    onRedisError,
  );
  const settings = await listQueueSettings(db.sql);
  await applyLimits(settings, dispatcher, background, onRedisError);
  workers = catalogue.map((entry) => {
    const inForce = settings.find((one) => one.name === entry.definition.kind)?.inForce;
    const concurrency = concurrencyOf(inForce, entry.policy.concurrency);
    return consumeQueue({
      ...{ entry, connection, executor, concurrency, onRedisError },
      onLocksLost: (jobs) => emit({ type: "lock_renewal_failed", jobs }),
    });
  });
  const stopHolds = followHolds({
    ...{ holds: trust.until(holds), workers: () => workers, isStopping: () => stopping },
    onError: onRedisError,
  });
  await lease.beat();
  const kinds = options.kinds ?? catalogue;
  const submitter = createSubmitter({
    ...{ db, dispatcher, onEvent: emit },
    kinds: new Map(kinds.map((entry) => [entry.definition.kind, entry])),
  });
  const definitions = kinds.map((entry) => entry.definition);
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
    inHand: () => executor.inHand(),
    workerId: () => lease.workerId(),
    health: () => ({
      lease: lease.alive(),
      redis: connection.status === "ready",
      consuming: consuming && !stopping,
    }),
    noteCall: (call) => {
      const job = currentJob();
      if (job) own.noteCall(job.queue, call);
    },
    stop: async (graceMs) => {
      stopping = true;
      recurring.stop();
      own.stop();
      stopHolds();
      // Told, not waited for: Postgres may be away.
      const told = lease.beat();
      // Beside the drain: a sweep that feeds a large backlog or waits for Postgres takes its time.
      const swept = sweeper?.stop();
      const ticked = closeWorkers([ticks]);
      await drain(workers, executor, graceMs);
      await ticked;
      await Promise.race([swept, new Promise((resolve) => setTimeout(resolve, 1_000))]);
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

/** An absent Redis is waited for a little; one that would throw jobs away, or is another's, is refused. */
async function trustRedisHere(
  redis: RedisConnection,
  { db, onEvent = () => undefined, onRecycle }: WorkersOptions,
) {
  const warn = (text: string) => onEvent({ type: "warning", text });
  if (redis.status !== "ready") {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 2_000);
      redis.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  if (redis.status !== "ready") {
    warn("Redis does not answer: jobs are accepted, and run when it is there");
  }
  return trustRedis({
    redis,
    check: async () => {
      await checkRedisSettings(redis, warn);
      await claimRedis(redis, await installationId(db.sql));
    },
    onWrong: (error) => {
      warn(`this Redis cannot be used, so this process ends: ${error.message}`);
      onRecycle?.();
    },
    onError: (error) => onEvent({ type: "redis_error", error }),
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

/** Time to give back what ignored the drain: one write. */
const settleMs = 1_000;

async function drain(workers: Worker[], executor: Executor, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  await Promise.allSettled(workers.map((worker) => worker.pause(true)));
  executor.close();
  const empty = async (until: number) => {
    while (executor.inHand() > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await empty(deadline - Math.min(5_000, graceMs / 3));
  executor.abortAll("drain");
  await empty(deadline);
  // What is still in hand is given back, or its job would count as one that kills its process.
  executor.abandonAborted();
  await empty(performance.now() + settleMs);
  // Not by force: a delivery that came too late is on its way back into the queue.
  await closeWorkers(workers);
}

/** Lets go of what BullMQ has in hand; its close waits without end when Redis is away. */
async function closeWorkers(workers: Worker[]): Promise<void> {
  const closed = Promise.allSettled(workers.map((worker) => worker.close()));
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
}
