import { setTimeout as delay } from "node:timers/promises";

export type WaitOptions = {
  /** What is waited for, for the error: "job 7 to complete". */
  what: string;
  /** Default 10,000. */
  timeoutMs?: number;
  /** Default 25. */
  everyMs?: number;
};

/**
 * Asks `condition` until it answers something truthy, and returns that.
 *
 * @throws after `timeoutMs`, naming what was waited for and what the condition threw last.
 */
export async function waitFor<T>(
  condition: () => Promise<T> | T,
  { what, timeoutMs = 10_000, everyMs = 25 }: WaitOptions,
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const answer = await condition();
      if (answer) return answer;
      lastError = undefined;
    } catch (error) {
      // Not there yet may show as an error (connection refused); the last one is reported.
      lastError = error;
    }
    await delay(everyMs);
  } while (performance.now() < giveUpAt);
  const cause = lastError instanceof Error ? ` (${lastError.message})` : "";
  throw new Error(`waited ${timeoutMs} ms for ${what}${cause}`, { cause: lastError });
}
