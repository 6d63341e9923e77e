import { Aborted, type JobDefinition, type JobPolicy, type JobStatus } from "@ilgam/contracts";
import {
  type ClaimedJob,
  type Database,
  readStep,
  type Spending,
  type SpentCall,
  type Sql,
  writeStep,
} from "@ilgam/db";
import { persist } from "./persist.ts";
import { createSpending, type Spent } from "./spending.ts";

/** What a processor sees: no BullMQ, no Prisma, no Redis. */
export type JobContext<Payload> = {
  payload: Payload;
  job: {
    id: string;
    tenantId: string;
    run: number;
    epoch: number;
    /** From 1. */
    attempt: number;
    maxAttempts: number;
    batchId: string | null;
    position: number | null;
  };
  /** `job:run:epoch`, to be sent with every outbound call that takes one. */
  idempotencyKey: string;
  /** Aborts on cancel, timeout, drain and a lost lease; `reason` is an `Aborted`. */
  signal: AbortSignal;
  /**
   * Percent from 0 to 100; written at most four times a second, a new step within 50 ms, the last
   * one always.
   */
  progress(percent: number, step?: string): void;
  /** One line of the job's log. */
  log(message: string, data?: Record<string, unknown>): Promise<void>;
  /** A checkpoint: done once per run, its output reread after a crash. JSON only. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Adds to what this attempt spent upstream; stored at once, whatever becomes of the attempt. */
  spend(spent: Spent): void;
};

/** A job that has just ended, as hooks see it. */
export type EndedJob<Payload, Result> = {
  id: string;
  tenantId: string;
  run: number;
  status: JobStatus;
  payload: Payload;
  result: Result | undefined;
  error: { code: string; message: string } | null;
};

export type JobHandler<Payload, Result> = {
  process(context: JobContext<Payload>): Promise<Result>;
  /** Runs in the transaction that completes the job; write conditionally. */
  onCompleted?(tx: Sql, ended: EndedJob<Payload, Result>): Promise<void>;
  /** Runs in the transaction in which the job fails for good. */
  onFailed?(tx: Sql, ended: EndedJob<Payload, Result>): Promise<void>;
};

/** A kind as the worker runs it. The payload was checked by the kind's schema before `process`. */
export type CatalogueEntry = {
  definition: JobDefinition;
  policy: JobPolicy;
  // A list of handlers of different payloads: each is only ever given what its own schema parsed.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  handler: JobHandler<any, any>;
};

const progressEveryMs = 250;
/** Steps are few, and what people look at: one that begins is shown sooner than its percents. */
const stepEveryMs = 50;

export type RunningContext = {
  context: JobContext<unknown>;
  spent(): Spending[];
  /** Calls that Postgres may not have yet. */
  untold(): SpentCall[];
  /** Waits until what was reported stands in Postgres. */
  flush(): Promise<void>;
};

/** The context of one attempt; its writes are refused once the fence has moved. */
export function createContext(
  db: Database,
  job: ClaimedJob,
  payload: unknown,
  signal: AbortSignal,
  onLive: (progress: number, step: string | null) => void = () => undefined,
): RunningContext {
  const held = { id: job.id, epoch: job.epoch };
  const { spend, spent, untold, flush: flushSpending } = createSpending(held, db.spend);
  const progress = throttleProgress(db, held, onLive);
  let written: Promise<unknown> = Promise.resolve();
  const context: JobContext<unknown> = {
    payload,
    job: {
      id: job.id,
      tenantId: job.tenantId,
      run: job.run,
      epoch: job.epoch,
      attempt: job.attempt,
      maxAttempts: job.maxAttempts,
      batchId: job.batchId,
      position: job.position,
    },
    idempotencyKey: `${job.id}:${job.run}:${job.epoch}`,
    signal,
    progress: progress.report,
    log: async (message, data) => {
      // A line of the log is worth no failure: it is lost when Postgres is away.
      const line = db.event({ ...held, type: "log", data: { message, ...data } });
      written = Promise.allSettled([written, line]);
      await written;
    },
    step: async <T>(name: string, work: () => Promise<T>) => {
      const done = await persist(() => readStep(db.sql, job, name), signal);
      if (done) return done.output as T;
      const output = await work();
      signal.throwIfAborted();
      if (!(await persist(() => writeStep(db.sql, held, name, output), signal))) {
        throw new Aborted("lease_lost");
      }
      const event = db.event({ ...held, type: "step", data: { name } });
      written = Promise.allSettled([written, event]);
      return output;
    },
    spend,
  };
  const flush = async () => {
    await Promise.allSettled([progress.flush(), written, flushSpending()]);
  };
  return { context, spent, untold, flush };
}

function throttleProgress(
  db: Database,
  held: { id: string; epoch: number },
  onLive: (progress: number, step: string | null) => void,
) {
  let latest: { progress: number; step: string | null } | undefined;
  let lastWrite = Number.NEGATIVE_INFINITY;
  let lastStep: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isSoon = false;
  let writing: Promise<unknown> = Promise.resolve();

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!latest) return;
    const { progress, step } = latest;
    latest = undefined;
    lastStep = step;
    lastWrite = performance.now();
    // Progress is worth no failure: the settlement tells if Postgres is away.
    writing = db.progress({ ...held, progress, step }).catch(() => false);
  }
  return {
    report: (percent: number, step?: string) => {
      const progress = Math.min(100, Math.max(0, percent));
      latest = { progress, step: step ?? latest?.step ?? null };
      onLive(progress, latest.step);
      const isNew = latest.step !== lastStep;
      const wait = (isNew ? stepEveryMs : progressEveryMs) - (performance.now() - lastWrite);
      if (wait <= 0) write();
      else if (timer === undefined || (isNew && !isSoon)) {
        clearTimeout(timer);
        timer = setTimeout(write, wait);
        isSoon = isNew;
      }
    },
    /** The settlement follows, which writes the end of the progress: what waits is dropped. */
    flush: async () => {
      clearTimeout(timer);
      await writing;
    },
  };
}
