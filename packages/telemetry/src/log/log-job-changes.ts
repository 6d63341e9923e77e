import type { CancelOutcome, ClaimedJob, LostJob, SweepReport, SweptJob } from "@ilgam/db";
import type { Delivery, EndedDelivery, SubmitEvent } from "@ilgam/queue";
import { traceIdOf } from "../tracing/traceparent.ts";
import type { Log } from "./create-log.ts";

/*
 * One line for each change of a job's state, with its coordinates. What is expected is `info`, what
 * somebody may want to look into is `warn`, what needs a person is `error`; that an attempt began is
 * `debug`, because its end is told. Never a payload, nor a sentence that a processor made.
 */

type Place = Pick<SweptJob, "id" | "kind" | "run" | "attempt">;

const placeOf = ({ id: job, kind, run, attempt }: Place) => ({ job, kind, run, attempt });

export function logSubmitted(log: Log, { kind, ids, batchId }: SubmitEvent): void {
  const line = { kind, run: 1, attempt: 0 };
  if (batchId === null) for (const job of ids) log.info({ job, ...line }, "job queued");
  // A thousand lines would say no more: the ids are read by the batch's.
  else log.info({ batch: batchId, ...line, jobs: ids.length }, "batch queued");
}

export function logClaimed(log: Log, job: ClaimedJob): void {
  const { epoch, waitedMs } = job;
  log.debug({ ...placeOf(job), epoch, waitedMs: Math.round(waitedMs) }, "job started");
}

export function logCancelled(log: Log, jobs: readonly CancelOutcome[]): void {
  for (const job of jobs) {
    const what = job.status === "cancelled" ? "job cancelled" : "job asked to stop";
    log.info({ ...placeOf(job), status: job.status }, what);
  }
}

export function logRetried(log: Log, jobs: readonly Omit<Place, "attempt">[]): void {
  for (const job of jobs) log.info(placeOf({ ...job, attempt: 0 }), "job queued again");
}

export function logBatchesFinished(log: Log, ids: readonly string[]): void {
  for (const batch of ids) log.info({ batch }, "batch finished");
}

export function logSwept(log: Log, report: SweepReport): void {
  for (const worker of report.dead) log.warn(worker, "a worker's lease ran out");
  for (const job of report.lost) logLost(log, job);
  for (const job of report.expired) {
    log.warn({ ...swept(job), error: "expired" }, "job failed");
  }
}

/** The sweeper runs in no trace: the job's own is named. */
const swept = (job: SweptJob) => {
  const trace = job.traceContext === null ? {} : { trace_id: traceIdOf(job.traceContext) };
  return { ...placeOf(job), ...trace, status: job.status };
};

function logLost(log: Log, job: LostJob): void {
  const line = swept(job);
  if (job.status === "failed") log.error({ ...line, error: "poison" }, "job failed");
  else if (job.status === "cancelled") log.info(line, "job cancelled");
  else log.warn(line, "job taken back from a dead worker");
}

export function logDelivery(log: Log, delivery: Delivery): void {
  if (delivery.type === "ended") logEnded(log, delivery);
  else if (delivery.type === "abandoned") log.warn(placeOf(delivery.job), "job abandoned");
}

function logEnded(log: Log, delivery: EndedDelivery): void {
  const { job, runMs } = delivery;
  const { level, words, ...more } = sentenceOf(delivery);
  log[level]({ ...placeOf(job), epoch: job.epoch, ms: Math.round(runMs), ...more }, words);
}

type Sentence = { level: "info" | "warn"; words: string } & Record<string, unknown>;

function sentenceOf({ outcome, settled }: EndedDelivery): Sentence {
  if (settled.status === "fenced") {
    return { level: "warn", words: "late result refused", status: "fenced" };
  }
  // The settlement stood already, its reply was lost: what was asked for has happened.
  if (settled.status === "repeated") {
    return { level: "info", words: "job settled before", outcome: outcome.type };
  }
  const { status, error, delayMs } = settled.job;
  if (status === "completed" || status === "cancelled") {
    return { level: "info", words: `job ${status}`, status };
  }
  if (status === "failed") {
    return { level: "warn", words: "job failed", status, error: error?.code };
  }
  const inMs = Math.max(0, Math.round(delayMs));
  if (outcome.type === "snooze") {
    return { level: "info", words: "job snoozed", status, inMs, reason: outcome.code ?? "later" };
  }
  if (outcome.type === "release") {
    return { level: "info", words: "job given back", status, inMs, reason: outcome.why };
  }
  // Also when its end could not be stored, which is retried.
  return { level: "warn", words: "retry scheduled", status, inMs, error: error?.code };
}
