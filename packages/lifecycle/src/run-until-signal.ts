import { onExitSignals } from "./exit-signals.ts";

export type LifeOptions = {
  /** With ILGAM_PARENT_PIPE=1 the end of stdin drains too: the parent that held it is gone. */
  env: Record<string, string | undefined>;
  /** Its end drains as a signal does. */
  until?: Promise<unknown>;
  /** Ends the work in progress; the process then exits with `process.exitCode` or 0. */
  drain: () => Promise<void>;
  /** A drain that takes longer is cut off with exit code 1; milliseconds. */
  graceMs: number;
  /** Told why the process ends badly: a failed drain, the end of the grace period. */
  onFailure: (reason: unknown) => void;
};

/** The first signal drains, a second one exits at once with code 1. */
export function runUntilSignal({ env, until, drain, graceMs, onFailure }: LifeOptions): void {
  let draining = false;
  const fail = (reason: unknown) => {
    onFailure(reason);
    process.exit(1);
  };
  const start = () => {
    if (draining) return;
    draining = true;
    setTimeout(() => fail(new Error(`not drained after ${graceMs} ms`)), graceMs).unref();
    drain().then(() => process.exit(process.exitCode ?? 0), fail);
  };
  onExitSignals(process, { drain: start, now: () => process.exit(1) });
  until?.then(start, fail);
  if (env.ILGAM_PARENT_PIPE === "1") {
    process.stdin.once("end", start);
    process.stdin.resume();
  }
}
