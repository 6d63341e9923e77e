import { setTimeout as sleep } from "node:timers/promises";
import { isTransient, isUnavailable, Overloaded } from "@ilgam/db";

/** Nothing is wrong with what was asked: Postgres is away or full, or a deadlock chose this call. */
function isPassing(error: unknown): boolean {
  return isUnavailable(error) || isTransient(error) || error instanceof Overloaded;
}

/**
 * Does a database call again and again while Postgres is away, 50 ms to 1 s apart: an outage is
 * waited out in place and never fails a job. Other errors pass; the signal's reason ends the wait.
 */
export async function persist<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let waitMs = 50;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      signal?.throwIfAborted();
      await sleep(waitMs + Math.random() * waitMs);
      waitMs = Math.min(1_000, waitMs * 2);
    }
  }
}
