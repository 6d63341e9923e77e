import { z } from "zod";
import type { JobDefinition } from "./define-job.ts";

/** What a kind's numbers are after the operator's settings; all times in milliseconds. */
export type JobPolicy = {
  concurrency: number;
  globalConcurrency: number | undefined;
  limiter: { max: number; durationMs: number } | undefined;
  attempts: number;
  backoff: { baseMs: number; factor: number; maxMs: number };
  timeoutMs: number;
};

const positive = z.coerce.number().int().min(1);

/** `document-count` → `DOCUMENT_COUNT`: the prefix of the kind's settings. */
export function settingPrefix(kind: string): string {
  return kind.replaceAll("-", "_").toUpperCase();
}

/**
 * The kind's numbers with `<KIND>_CONCURRENCY`, `<KIND>_GLOBAL_CONCURRENCY`, `<KIND>_ATTEMPTS`,
 * `<KIND>_RETRY_MS` and `<KIND>_TIMEOUT_MS` applied.
 * @throws Error naming the setting when a number is wrong.
 */
export function resolvePolicy(
  definition: JobDefinition,
  env: Record<string, string | undefined>,
): JobPolicy {
  const prefix = settingPrefix(definition.kind);
  function setting<T extends number | undefined>(name: string, fallback: T): T | number {
    const raw = env[`${prefix}_${name}`];
    if (raw === undefined || raw === "") return fallback;
    const parsed = positive.safeParse(raw);
    if (!parsed.success) {
      throw new Error(`${prefix}_${name} must be a whole number of at least 1, not "${raw}"`);
    }
    return parsed.data;
  }
  return {
    concurrency: setting("CONCURRENCY", definition.queue.concurrency),
    globalConcurrency: setting("GLOBAL_CONCURRENCY", definition.queue.globalConcurrency),
    limiter: definition.queue.limiter,
    attempts: setting("ATTEMPTS", definition.attempts),
    backoff: {
      baseMs: setting("RETRY_MS", definition.backoff.baseMs),
      factor: definition.backoff.factor ?? 2,
      maxMs: definition.backoff.maxMs ?? 3_600_000,
    },
    timeoutMs: setting("TIMEOUT_MS", definition.timeoutMs),
  };
}

/**
 * Wait before the next try, milliseconds: exponential with up to 20 % of jitter, so that jobs that
 * failed together do not come back together.
 * @param attempt the try that just failed, from 1.
 */
export function backoffMs(
  backoff: JobPolicy["backoff"],
  attempt: number,
  random: () => number = Math.random,
): number {
  const wait = Math.min(backoff.maxMs, backoff.baseMs * backoff.factor ** (attempt - 1));
  return Math.round(wait * (1 + 0.2 * random()));
}
