import { resolvePolicy } from "@ilgam/contracts";
import { aiAnalysis, type Complexity } from "../contract.ts";

/** How requests are answered; times in milliseconds. */
export type Routing = {
  /** False: every request waits for its job's end. */
  queue: boolean;
  /** False: no request waits, whatever its question. */
  byComplexity: boolean;
  /** How long a simple question is waited for. */
  syncWaitMs: number;
  /** How long any is waited for without a queue: as long as one try may take. */
  longestMs: number;
};

// What comes before and after the wait has to fit into the 5 s as well.
const defaultSyncWaitMs = 4_700;

/**
 * Reads `ENABLE_JOB_QUEUE`, `ENABLE_COMPLEXITY_ROUTING` (on unless `false`), `AI_SYNC_WAIT_MS` and
 * the kind's own `AI_ANALYSIS_TIMEOUT_MS`.
 * @throws Error naming the setting that is wrong
 */
export function routingOf(env: Record<string, string | undefined>): Routing {
  return {
    queue: flag(env, "ENABLE_JOB_QUEUE"),
    byComplexity: flag(env, "ENABLE_COMPLEXITY_ROUTING"),
    syncWaitMs: waitOf(env.AI_SYNC_WAIT_MS),
    longestMs: resolvePolicy(aiAnalysis, env).timeoutMs,
  };
}

export type Waiting = {
  patienceMs: number;
  /** It goes before others, for it is short. */
  ahead: boolean;
};

/** How long a request waits for its job; undefined: not at all. */
export function waitFor(
  routing: Routing,
  asked: { complexity: Complexity; runAt: string | undefined },
): Waiting | undefined {
  if (!routing.queue) return { patienceMs: routing.longestMs, ahead: false };
  const isLater = asked.runAt !== undefined && Date.parse(asked.runAt) > Date.now();
  const isQuick = routing.byComplexity && asked.complexity === "simple" && !isLater;
  if (!isQuick || routing.syncWaitMs === 0) return undefined;
  return { patienceMs: routing.syncWaitMs, ahead: true };
}

function flag(env: Record<string, string | undefined>, name: string): boolean {
  const raw = env[name]?.trim().toLowerCase() ?? "";
  if (raw === "" || raw === "true") return true;
  // Any other word would leave open what it means, `0` and `off` above all.
  if (raw !== "false") throw new Error(`${name} must be true or false, not "${env[name]}"`);
  return false;
}

function waitOf(raw: string | undefined): number {
  if (raw === undefined || raw === "") return defaultSyncWaitMs;
  const ms = Number(raw);
  if (Number.isInteger(ms) && ms >= 0 && ms <= 60_000) return ms;
  throw new Error(`AI_SYNC_WAIT_MS must be a whole number from 0 to 60000, not "${raw}"`);
}
