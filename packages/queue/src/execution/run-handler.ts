import { Aborted } from "@ilgam/contracts";
import type { ClaimedJob, Outcome } from "@ilgam/db";
import { runAsJob } from "./current-job.ts";
import type { ExecutionEvent } from "./delivery.ts";
import type { CatalogueEntry, RunningContext } from "./job-context.ts";
import { outcomeOfError } from "./outcome-of.ts";

/** How often and how long one job may wait before it fails, and how an abort is enforced. */
export type RunLimits = {
  /** How often one job may be snoozed before it fails. */
  maxSnoozes: number;
  /** How long one job may wait for a service that is away, milliseconds. */
  maxHoldMs: number;
  /** How long a handler may ignore its aborted signal before it is abandoned, milliseconds. */
  abortGraceMs: number;
};

/** Runs a job's handler to its outcome; undefined when the job is no longer ours to end. */
export type RunHandler = (
  entry: CatalogueEntry,
  job: ClaimedJob,
  controller: AbortController,
  running: RunningContext,
) => Promise<Outcome | undefined>;

/**
 * Handlers end within the kind's time-out.
 * @param graceOver once aborted, a handler that ignores its aborted signal is waited for no longer.
 */
export function createRunHandler(
  limits: RunLimits,
  graceOver: AbortSignal,
  onEvent: (event: ExecutionEvent) => void,
): RunHandler {
  return async (entry, job, controller, running) => {
    const timeout = setTimeout(
      () => controller.abort(new Aborted("timeout")),
      entry.policy.timeoutMs,
    );
    try {
      // Aborted between the claim and here: the work does not begin.
      controller.signal.throwIfAborted();
      const work = runAsJob(job, () => entry.handler.process(running.context));
      const grace = { ms: limits.abortGraceMs, over: graceOver };
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
      const { maxSnoozes, maxHoldMs } = limits;
      return outcomeOfError(error, job, entry.policy, { abortedBy, maxSnoozes, maxHoldMs });
    } finally {
      clearTimeout(timeout);
    }
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
