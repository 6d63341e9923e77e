import { setTimeout as delay } from "node:timers/promises";

export type ReadyOptions = {
  url: string;
  signal: AbortSignal;
  /** Told every `sayEveryMs` what is missing. */
  say(line: string): void;
  /** Default 10,000. */
  sayEveryMs?: number;
};

/** Resolves true when `url` answers 200, false when `signal` aborts first. Waits without end. */
export async function awaitReady(options: ReadyOptions): Promise<boolean> {
  const { url, signal, say, sayEveryMs = 10_000 } = options;
  let sayAt = performance.now() + sayEveryMs;
  while (!signal.aborted) {
    const missing = await whatIsMissing(url);
    if (missing === null) return true;
    if (performance.now() >= sayAt) {
      say(`not ready yet: ${missing}`);
      sayAt += sayEveryMs;
    }
    await delay(100);
  }
  return false;
}

async function whatIsMissing(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const body = await response.text();
    return response.ok ? null : `${response.status} ${body}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}
