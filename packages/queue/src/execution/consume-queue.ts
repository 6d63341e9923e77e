import { DelayedError, type Job, WaitingError, Worker } from "bullmq";
import { jobIdOf, prefixOf } from "../dispatch/bull-names.ts";
import type { RedisConnection } from "../redis/redis.ts";
import { forgetArguments } from "../redis/redis-errors.ts";
import type { Delivery } from "./delivery.ts";
import { type DeliveryReport, failureLine, reportOf } from "./delivery-report.ts";
import type { Executor } from "./executor.ts";
import type { CatalogueEntry } from "./job-context.ts";

/** Takes the deliveries of a kind's queue and hands them to the executor, so many at once. */
export function consumeQueue(options: {
  entry: CatalogueEntry;
  connection: RedisConnection;
  executor: Executor;
  concurrency: number;
  onRedisError: (error: Error) => void;
  /** BullMQ's locks of so many deliveries were not renewed. */
  onLocksLost: (deliveries: number) => void;
}): Worker {
  const { entry, connection, executor, concurrency } = options;
  const { kind } = entry.definition;
  const worker = new Worker(
    kind,
    async (bullJob, token) => {
      const delivery = await executor.deliver(entry, jobIdOf(bullJob.id ?? ""));
      return answerBull(bullJob, token, delivery);
    },
    {
      connection,
      prefix: prefixOf(kind),
      concurrency,
      // A rate that is lifted is noticed so soon.
      maximumRateLimitDelay: 1_000,
      lockDuration: 30_000,
      stalledInterval: 5_000,
      maxStalledCount: 1_000_000,
      // After errors of a connection: a Cluster's come while it chooses another master.
      runRetryDelay: 1_000,
      removeOnComplete: { age: 3_600, count: 1_000 },
      removeOnFail: { age: 7 * 86_400, count: 5_000 },
      // No skipVersionCheck: without the version BullMQ blocks in whole seconds, and delayed jobs
      // come up to 1 s late.
    },
  );
  worker.on("error", (error) => options.onRedisError(forgetArguments(error)));
  worker.on("lockRenewalFailed", (ids) => options.onLocksLost(ids.length));
  return worker;
}

/** Tells BullMQ what became of its job, so that Bull Board shows each attempt and its reason. */
async function answerBull(
  bullJob: Job,
  token: string | undefined,
  delivery: Delivery,
): Promise<DeliveryReport> {
  if (delivery.type === "early") {
    await bullJob.moveToDelayed(Date.now() + delivery.inMs, token);
    throw new DelayedError();
  }
  if (delivery.type === "dropped" && delivery.why === "closing") {
    // A worker that is blocked waiting when it is paused still takes one: that one goes back, or
    // nobody would look for it before its next check.
    await bullJob.moveToWait(token);
    throw new WaitingError();
  }
  const report = reportOf(delivery);
  if (report.outcome !== "failed" && report.outcome !== "retried") return report;
  const failure = new Error(failureLine(report));
  // BullMQ stores it and the board shows it above all else: where this function stands tells nobody.
  failure.stack = "";
  throw failure;
}
