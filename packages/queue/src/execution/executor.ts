import { Aborted, type AbortReason } from "@ilgam/contracts";
import {
  type ClaimedJob,
  type Database,
  type Outcome,
  type Spending,
  type SpentCall,
  suspectFromCrashes,
} from "@ilgam/db";
import { claimDelivery } from "./claim-delivery.ts";
import type { AroundAttempt, Delivery, ExecutionEvent } from "./delivery.ts";
import { createHeldJobs, isLost } from "./held-jobs.ts";
import { type CatalogueEntry, createContext } from "./job-context.ts";
import { persist } from "./persist.ts";
import { createRunHandler, type RunLimits } from "./run-handler.ts";
import type { Settler } from "./settler.ts";
import type { Spool } from "./spool.ts";

export type ExecutorOptions = RunLimits & {
  db: Database;
  settler: Settler;
  spool: Spool;
  workerId: () => string;
  aroundAttempt?: AroundAttempt | undefined;
  onEvent: (event: ExecutionEvent) => void;
};

type Attempted = {
  /** Undefined when the job is no longer ours to end. */
  outcome: Outcome | undefined;
  spent?: readonly Spending[];
  calls?: readonly SpentCall[];
  /** Taken over from the spool. */
  adopted?: boolean;
};

export type Executor = {
  /** Claims, runs and settles one delivered job. */
  deliver(entry: CatalogueEntry, jobId: string): Promise<Delivery>;
  /** Of one kind, or of all. */
  inHand(kind?: string): number;
  /** Deliveries so far. */
  delivered(): number;
  abort(jobId: string, why: AbortReason): void;
  abortAll(why: AbortReason): void;
  /** Handlers that ignore their aborted signal are waited for no longer: their jobs are settled. */
  abandonAborted(): void;
  /** From now on nothing new is claimed. */
  close(): void;
};

const suspectWaitMs = 300;
const lostWaitMs = 300;

/** Runs jobs as a pipeline: claim → adopt or process → settle. Holds each id at most once. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { db, spool, settler, onEvent } = options;
  const around: AroundAttempt = options.aroundAttempt ?? ((_, attempt) => attempt());
  const held = createHeldJobs();
  const closing = new AbortController();
  const graceOver = new AbortController();
  const runHandler = createRunHandler(options, graceOver.signal, onEvent);
  let suspectRuns = false;
  let deliveries = 0;

  async function deliver(entry: CatalogueEntry, jobId: string): Promise<Delivery> {
    const before = held.get(jobId);
    // Lost with its lease but not released yet: the delivery is the successor's, maybe elsewhere.
    if (before && isLost(before)) return { type: "early", inMs: lostWaitMs };
    if (before) return { type: "dropped", why: "duplicate" };
    const { controller } = held.hold(jobId, entry.definition.kind);
    deliveries += 1;
    try {
      const delivery = await claimAndRun(entry, jobId, controller);
      // Of a job that was in progress it is told from inside its attempt.
      if (!("job" in delivery)) onEvent({ type: "delivery", delivery });
      return delivery;
    } finally {
      held.release(jobId);
    }
  }

  async function claimAndRun(
    entry: CatalogueEntry,
    jobId: string,
    controller: AbortController,
  ): Promise<Delivery> {
    const claimed = await claimDelivery(db, jobId, options.workerId(), closing.signal);
    if ("delivery" in claimed) return claimed.delivery;
    const { job, workerId } = claimed;
    return around(job, async () => {
      onEvent({ type: "claimed", job });
      const lost = workerId !== options.workerId();
      const delivery: Delivery = lost
        ? { type: "abandoned", job }
        : await attempt(entry, job, controller);
      onEvent({ type: "delivery", delivery });
      return delivery;
    });
  }

  async function attempt(
    entry: CatalogueEntry,
    job: ClaimedJob,
    controller: AbortController,
  ): Promise<Delivery> {
    if (job.crashCount < suspectFromCrashes) return runAndSettle(entry, job, controller);
    if (suspectRuns) return giveBackSuspect(entry, job);
    suspectRuns = true;
    try {
      return await runAndSettle(entry, job, controller);
    } finally {
      suspectRuns = false;
    }
  }

  /**
   * Two claims at the same moment may each have taken a suspect; the claim lets in no second one
   * otherwise. It is given back: in progress it would be blamed for the next crash too.
   */
  async function giveBackSuspect(entry: CatalogueEntry, job: ClaimedJob): Promise<Delivery> {
    const outcome: Outcome = { type: "release", why: "suspect", delayMs: suspectWaitMs };
    const { id, epoch } = job;
    return {
      type: "ended",
      job,
      outcome,
      settled: await settler.settle(entry, job, { id, epoch, outcome }),
      spent: [],
      runMs: 0,
    };
  }

  async function runAndSettle(
    entry: CatalogueEntry,
    job: ClaimedJob,
    controller: AbortController,
  ): Promise<Delivery> {
    const since = performance.now();
    const { outcome, spent = [], calls, adopted } = await outcomeOf(entry, job, controller);
    const runMs = performance.now() - since;
    if (!outcome) {
      // Paid for all the same, whoever has the job now.
      for (const call of calls ?? []) {
        persist(() => db.spend(call)).catch((error: unknown) => {
          onEvent({ type: "handler_error", job, error });
        });
      }
      return { type: "abandoned", job };
    }
    const settlement = { id: job.id, epoch: job.epoch, outcome, spent, calls };
    const settled = await settler.settle(entry, job, settlement);
    if (adopted) await spool.drop(job);
    return { type: "ended", job, outcome, settled, spent, runMs };
  }

  async function outcomeOf(
    entry: CatalogueEntry,
    job: ClaimedJob,
    controller: AbortController,
  ): Promise<Attempted> {
    if (job.epoch > 1) {
      const adopted = await spool.adopt(job);
      // Its calls are the dead attempt's: in the sums once, and in its row.
      if (adopted) return { outcome: adopted.outcome, calls: adopted.calls, adopted: true };
    }
    const payload = entry.definition.payload.safeParse(job.input);
    if (!payload.success) {
      const message = "the stored input no longer fits the kind's schema";
      return { outcome: { type: "failed", error: { code: "invalid_input", message } } };
    }
    const running = createContext(db, job, payload.data, controller.signal);
    const outcome = await runHandler(entry, job, controller, running);
    await running.flush();
    return { outcome, spent: running.spent(), calls: running.untold() };
  }

  return {
    deliver,
    inHand: held.count,
    delivered: () => deliveries,
    abort: held.abort,
    abortAll: held.abortAll,
    abandonAborted: () => graceOver.abort(),
    close: () => closing.abort(new Aborted("drain")),
  };
}
