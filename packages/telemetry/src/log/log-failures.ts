import { isOutage } from "@ilgam/queue";
import type { Log } from "./create-log.ts";

const everyMs = 1_000;

/** Logs what went wrong; that Postgres or Redis is away at most once a second. */
export function createFailureLog(log: Log): (what: string, error: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (what, error) => {
    if (!isOutage(error)) return log.error({ err: error }, what);
    if (performance.now() - last < everyMs) return;
    last = performance.now();
    log.warn({ cause: String(error) }, "Postgres or Redis is away");
  };
}
