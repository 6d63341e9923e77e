import { randomUUID } from "node:crypto";
import { Aborted, type AbortReason } from "@ilgam/contracts";
import {
  type ClaimedJob,
  type Database,
  type Outcome,
  type SettleOutcome,
  type Spending,
  type SpentCall,
  suspectFromCrashes,
} from "@ilgam/db";
import { runAsJob } from "./current-job.ts";
import { type CatalogueEntry, createContext, type RunningContext } from "./job-context.ts";
import { outcomeOfError } from "./outcome-of.ts";
import { persist } from "./persist.ts";
import type { Settler } from "./settler.ts";
import type { Spool } from "./spool.ts";

export type EndedDelivery = {
  type: "ended";
  job: ClaimedJob;
  outcome: Outcome;
  settled: SettleOutcome;
  spent: readonly Spending[];
  /** In the processor, milliseconds. */
  runMs: number;
};

/** What became of one delivery of a job to this process. */
export type Delivery =
  | { type: "dropped"; why: "duplicate" | "gone" | "closing" }
  | { type: "early"; inMs: number }
  | EndedDelivery
  /** Nothing was written: the job belongs to a newer holder. */
  | { type: "abandoned"; job: ClaimedJob };

export type ExecutionEvent =
  | { type: "claimed"; job: ClaimedJob }
  | { type: "handler_error"; job: ClaimedJob; error: unknown }
  | { type: "handler_ignored_abort"; job: ClaimedJob }
  | { type: "delivery"; delivery: Delivery };

/**
 * Runs one attempt of a job that is in hand, up to and with its settlement, and everything that is
 * told of it; answers what the attempt answers. For traces.
 */
export type AroundAttempt = (
  job: ClaimedJob,
  attempt: () => Promise<Delivery>,
) => Promise<Delivery>;

export type ExecutorOptions = {
  db: Database;
  settler: Settler;
  spool: Spool;
  workerId: () => string;
  /** How often one job may be put off before it fails. */
  maxSnoozes: number;
  /** How long one job may wait for a service that is away, milliseconds. */
  maxHoldMs: number;
  /** How long a handler may ignore its aborted signal before it is abandoned, milliseconds. */
  abortGraceMs: number;
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

type Held = { kind: string; job: ClaimedJob | undefined; controller: AbortController };

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

function isLost({ controller: { signal } }: Held): boolean {
  return signal.reason instanceof Aborted && signal.reason.why === "lease_lost";
}

/** Runs jobs as a pipeline: claim → adopt or process → settle. Holds each id at most once. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { db, spool, settler, onEvent } = options;
  const around: AroundAttempt = options.aroundAttempt ?? ((_, attempt) => attempt());
  const held = new Map<string, Held>();
  const closing = new AbortController();
  const graceOver = new AbortController();
  let suspectRuns = false;
  let deliveries = 0;

  async function deliver(entry: CatalogueEntry, jobId: string): Promise<Delivery> {
    const before = held.get(jobId);
    // Lost with its lease but not let go of yet: the delivery is the successor's, maybe elsewhere.
    if (before && isLost(before)) return { type: "early", inMs: lostWaitMs };
    if (before) return { type: "dropped", why: "duplicate" };
    const controller = new AbortController();
    const holding: Held = { kind: entry.definition.kind, job: undefined, controller };
    held.set(jobId, holding);
    deliveries += 1;
    try {
      const delivery = await claimAndRun(entry, jobId, holding);
      // Of a job that was in hand it is told from inside its attempt.
      if (!("job" in delivery)) onEvent({ type: "delivery", delivery });
      return delivery;
    } finally {
      held.delete(jobId);
    }
  }

  async function claimAndRun(
    entry: CatalogueEntry,
    jobId: string,
    holding: Held,
  ): Promise<Delivery> {
    if (closing.signal.aborted) return { type: "dropped", why: "closing" };
    const request = { id: jobId, workerId: options.workerId(), token: randomUUID() };
    const claim = await persist(() => db.claim(request), closing.signal).catch((error: unknown) => {
      if (error === closing.signal.reason) return undefined;
      throw error;
    });
    if (!claim) return { type: "dropped", why: "closing" };
    if (claim.status === "early") return { type: "early", inMs: claim.inMs };
    if (claim.status === "gone") return { type: "dropped", why: "gone" };
    const { job } = claim;
    holding.job = job;
    return around(job, async () => {
      onEvent({ type: "claimed", job });
      const lost = request.workerId !== options.workerId();
      const delivery: Delivery = lost
        ? { type: "abandoned", job }
        : await attempt(entry, job, holding.controller);
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
   * otherwise. It is given back: in hand it would be blamed for the next crash too.
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

  async function runHandler(
    entry: CatalogueEntry,
    job: ClaimedJob,
    controller: AbortController,
    running: RunningContext,
  ): Promise<Outcome | undefined> {
    const timeout = setTimeout(
      () => controller.abort(new Aborted("timeout")),
      entry.policy.timeoutMs,
    );
    try {
      // Aborted between the claim and here: the work does not begin.
      controller.signal.throwIfAborted();
      const work = runAsJob(job, () => entry.handler.process(running.context));
      const grace = { ms: options.abortGraceMs, over: graceOver.signal };
      const output = await raceAbort(work, controller.signal, grace);
      const result = entry.definition.result.safeParse(output);
      if (!result.success) throw result.error;
      return { type: "completed", output: result.data };
    } catch (error) {
      const { signal } = controller;
      const abortedBy =
        signal.aborted && signal.reason instanceof Aborted ? signal.reason : undefined;
      if (error instanceof IgnoredAbort) onEvent({ type: "handler_ignored_abort", job });
      else if (!abortedBy) onEvent({ type: "handler_error", job, error });
      const { maxSnoozes, maxHoldMs } = options;
      return outcomeOfError(error, job, entry.policy, { abortedBy, maxSnoozes, maxHoldMs });
    } finally {
      clearTimeout(timeout);
    }
  }

  return {
    deliver,
    inHand: (kind) =>
      kind === undefined
        ? held.size
        : [...held.values()].filter((holding) => holding.kind === kind).length,
    delivered: () => deliveries,
    abort: (jobId, why) => held.get(jobId)?.controller.abort(new Aborted(why)),
    abortAll: (why) => {
      for (const { controller } of held.values()) controller.abort(new Aborted(why));
    },
    abandonAborted: () => graceOver.abort(),
    close: () => closing.abort(new Aborted("drain")),
  };
}

/** The handler went on after its signal and the grace period: nobody waits for it any more. */
class IgnoredAbort extends Error {}

/** The work's own end, or IgnoredAbort when it goes on after the abort until the grace ends. */
function raceAbort<T>(
  work: Promise<T>,
  signal: AbortSignal,
  grace: { ms: number; over: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      clearTimeout(timer);
      reject(new IgnoredAbort());
    };
    const onAbort = () => {
      timer = setTimeout(giveUp, grace.ms);
      if (grace.over.aborted) giveUp();
      else grace.over.addEventListener("abort", giveUp, { once: true });
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      grace.over.removeEventListener("abort", giveUp);
    };
    work.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}
