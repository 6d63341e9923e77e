import { type Language, message, type WaitingOn } from "@ilgam/contracts";
import type { JobRow } from "@ilgam/db";
import type { ProviderHold } from "../providers/read-providers.ts";

/** What is known of a queued job's wait. */
export type Wait = {
  /** Milliseconds until it is due; 0 or less when it is. */
  dueInMs: number;
  queuePaused: boolean;
  /** Due jobs before it in its queue; undefined when not counted. */
  position: number | undefined;
  /** Between two completions of its kind; null without history. */
  completionIntervalMs: number | null;
  /** A service that all jobs of its kind need is away. */
  hold: ProviderHold | undefined;
};

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 100) / 10);
}

/** Not due yet: for its start time, its next attempt, or what it was snoozed for. */
function waitForTime(job: JobRow, wait: Wait, language: Language): WaitingOn {
  const isPutOff =
    job.waitReason !== null && job.waitReason !== "retry" && job.waitReason !== "lost";
  const reason = job.waitReason === "retry" ? "retry" : isPutOff ? "pace" : "start_time";
  return {
    reason,
    until: job.runAt.toISOString(),
    position: null,
    message: (isPutOff ? job.waitReason : null) ?? message(`waiting_${reason}`, language),
    estimatedStartSeconds: seconds(wait.dueInMs),
  };
}

/** For a service that is away: known of its kind, or said of itself when it was snoozed. */
function waitForProvider(job: JobRow, wait: Wait, language: Language): WaitingOn {
  const { hold, dueInMs } = wait;
  const since = hold?.since ?? job.heldSince?.toISOString();
  const until = hold?.nextProbeAt ?? (dueInMs > 0 ? job.runAt.toISOString() : null);
  return {
    ...{ reason: "provider", until, position: null, estimatedStartSeconds: null },
    ...(hold && { provider: hold.provider }),
    ...(since !== undefined && { since }),
    message: hold?.message ?? job.waitReason ?? message("waiting_provider", language),
  };
}

/** Due: for its queue, the jobs before it, or a worker. */
function waitForTurn(wait: Wait, language: Language): WaitingOn {
  const { position, completionIntervalMs: interval } = wait;
  const reason = wait.queuePaused ? "paused_queue" : position ? "position" : "worker";
  const isKnown = !wait.queuePaused && position !== undefined && interval !== null;
  return {
    reason,
    until: null,
    position: position ?? null,
    message: message(`waiting_${reason}`, language, { position: position ?? 0 }),
    estimatedStartSeconds: isKnown ? seconds((position + 1) * interval) : null,
  };
}

/** Why a job waits; null when it does not. */
export function waitingOn(job: JobRow, wait: Wait, language: Language): WaitingOn | null {
  if (job.status !== "queued") return null;
  const isDue = wait.dueInMs <= 0;
  if (wait.hold ? isDue || job.heldSince : job.heldSince && !isDue) {
    return waitForProvider(job, wait, language);
  }
  return wait.dueInMs > 0 ? waitForTime(job, wait, language) : waitForTurn(wait, language);
}
