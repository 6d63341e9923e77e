import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable, Overloaded } from "@ilgam/db";

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
      if (!isUnavailable(error) && !(error instanceof Overloaded)) throw error;
      signal?.throwIfAborted();
      await sleep(waitMs + Math.random() * waitMs);
      waitMs = Math.min(1_000, waitMs * 2);
    }
  }
}
