import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable } from "@ilgam/db";

/**
 * Does a statement again while Postgres is away, 50 ms to 1 s apart, at least once; so an outage
 * costs no upstream call. Other errors pass; the signal's reason ends the wait.
 */
export async function outlastOutage<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let waitMs = 50;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
    await pause(waitMs * (1 + Math.random()), signal);
    waitMs = Math.min(500, waitMs * 2);
  }
}

/** Waits. @throws the signal's reason as soon as it aborts */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
