import type { Adaptive } from "@ilgam/contracts";

/** How an outbound call of a job ended, as upstream clients tell it. */
export type CallEnd = {
  outcome: "ok" | "throttled" | "error" | "timeout" | "aborted";
  /** From sending to the end. */
  ms: number;
};

export type AdaptiveConcurrency = {
  value(): number;
  /** Moves into the bounds at once. */
  setBounds(bounds: Adaptive): void;
  /** Tells of a call of the queue's jobs that ended at `at` (ms of one clock), so many in progress. */
  note(call: CallEnd, at: number, inHand: number): void;
  /** Once an interval: judges what was told since the last step. Returns the value from now on. */
  step(at: number): number;
};

/** What remains after the upstream said "too many". */
const afterThrottle = 0.5;
/** What remains after answers took too long. */
const afterSlowness = 0.75;
/** Without a target an interval is slow when its answers take so many times what is usual. */
const slowFrom = 2;
/** And by so much at least: quick answers vary. Milliseconds. */
const noiseMs = 50;
/** How fast "usual" follows answers that slowly take longer. */
const drift = 0.05;

type Interval = {
  took: number[];
  ok: number;
  failed: number;
  throttled: number;
  saturated: boolean;
};

function emptyInterval(): Interval {
  return { took: [], ok: 0, failed: 0, throttled: 0, saturated: false };
}

/**
 * Additive increase, multiplicative decrease: half after a throttled call, a quarter less when
 * answers take too long, one more when all was well and the present number was used up. Calls that
 * began before the last change of the number say nothing about it and are left out.
 */
export function createAdaptiveConcurrency(start: number, first: Adaptive): AdaptiveConcurrency {
  let bounds = first;
  let value = clamp(start, first);
  let changedAt = Number.NEGATIVE_INFINITY;
  let usualMs: number | undefined;
  let interval = emptyInterval();

  function judge({ took, ok, failed, throttled, saturated }: Interval): number {
    if (throttled > 0) return Math.floor(value * afterThrottle);
    const typical = median(took);
    if (typical === undefined) return value;
    const limit = bounds.targetMs ?? limitOver(usualMs ?? typical);
    usualMs =
      usualMs === undefined || typical < usualMs ? typical : follow(usualMs, typical, limit);
    if (typical > limit) return Math.floor(value * afterSlowness);
    return saturated && ok > failed ? value + 1 : value;
  }

  return {
    value: () => value,
    setBounds: (changed) => {
      bounds = changed;
      value = clamp(value, changed);
    },
    note: ({ outcome, ms }, at, inHand) => {
      if (outcome === "aborted" || at - ms < changedAt) return;
      if (outcome === "throttled") interval.throttled += 1;
      else if (outcome === "error") interval.failed += 1;
      else interval.took.push(ms);
      if (outcome === "ok") interval.ok += 1;
      if (outcome === "timeout") interval.failed += 1;
      interval.saturated ||= inHand >= value;
    },
    step: (at) => {
      const next = clamp(judge(interval), bounds);
      interval = emptyInterval();
      if (next !== value) changedAt = at;
      value = next;
      return value;
    },
  };
}

function clamp(number: number, { min, max }: Adaptive): number {
  return Math.min(max, Math.max(min, number));
}

function limitOver(usualMs: number): number {
  return Math.max(usualMs * slowFrom, usualMs + noiseMs);
}

/** Slow answers do not become usual. */
function follow(usualMs: number, typical: number, limit: number): number {
  return typical > limit ? usualMs : usualMs + (typical - usualMs) * drift;
}

function median(numbers: number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
