import { probeGapMs } from "./probe-gap.ts";
import type { ProviderFault } from "./provider-fault.ts";

/** One sentence in both languages, safe to show. */
export type Cause = { ko: string; en: string };

/** The last two callers that did something, so that "another one, lately" can be told. */
type Latest = { by: string; us: number; othersUs: number };

/**
 * How a provider key stands; times are microseconds since the epoch by Redis' clock, 0 for never.
 * `closed`: all is well. `open`: nobody calls, but for one probe at a time. `ramp`: a probe has
 * succeeded, and at most `ramp` calls are under way at once, doubled with each success.
 */
export type HealthState = {
  state: "closed" | "open" | "ramp";
  /** Of the trouble that opened it, or of the last fault. */
  fault: ProviderFault;
  cause: Cause;
  /** The first fault of the trouble. */
  sinceUs: number;
  /** When `state` became what it is. Calls that began before say nothing of it. */
  changedUs: number;
  nextProbeUs: number;
  /** Since the trouble began. */
  probes: number;
  ramp: number;
  /** Service faults without a success between, and who met them: two names at most. */
  row: number;
  callers: string[];
  windowUs: number;
  windowCalls: number;
  windowFaults: number;
  ok: Latest;
  failed: Latest;
  probeOkUs: number;
  /** When a probe was last made because nobody knew whether the key works. */
  proofUs: number;
  /** By caller: its first fault since it last succeeded. */
  firstFaults: Record<string, number>;
  /** Which credentials and address it is about. */
  config: string;
};

const rowToOpen = 5;
/** When nobody has succeeded for so long, fewer faults are proof enough. */
export const coldUs = 60_000_000;
const rowToOpenCold = 3;
const windowUs = 30_000_000;
const leastCalls = 20;
const firstRamp = 2;
const lastRamp = 32;
/** With neither success nor fault for so long the ramp goes on by itself: calls may be lost. */
const rampStepUs = 20_000_000;
const mostFirstFaults = 100;
const firstFaultKeptUs = 3_600_000_000;

const never: Latest = { by: "", us: 0, othersUs: 0 };

/** A key of which nothing bad is known. */
export function healthy(config: string): HealthState {
  return {
    ...{ state: "closed", fault: "service", cause: { ko: "", en: "" }, sinceUs: 0, changedUs: 0 },
    ...{ nextProbeUs: 0, probes: 0, ramp: 0, row: 0, callers: [] },
    ...{ windowUs: 0, windowCalls: 0, windowFaults: 0, ok: never, failed: never, probeOkUs: 0 },
    ...{ proofUs: 0, firstFaults: {}, config },
  };
}

/** Whether nobody has called yet. */
export function isUntouched({ ok, failed, changedUs, proofUs }: HealthState): boolean {
  return ok.us === 0 && failed.us === 0 && changedUs === 0 && proofUs === 0;
}

/** Whether a success must be told at once: it changes more than the numbers. */
export function isTroubled(health: HealthState): boolean {
  return health.state !== "closed" || health.row > 0;
}

export type Failure = {
  nowUs: number;
  /** When the call began. */
  beganUs: number;
  /** One job's run; empty when nobody knows. */
  caller: string;
  fault: ProviderFault;
  cause: Cause;
  /** What the service asked for, milliseconds. */
  retryAfterMs?: number | undefined;
  /** It may concern this job's settings alone: while others fare well the key stays as it is. */
  mild?: boolean;
};

/**
 * A call has failed by the fault of the service or the operator. `own`: the caller stands alone with
 * it, so that it is an attempt of its job; otherwise the job is held.
 */
export function afterFailure(
  health: HealthState,
  failure: Failure,
): { health: HealthState; own: boolean } {
  const { nowUs, beganUs, caller, fault } = failure;
  if (fault === "service" && isAlone(health, caller)) return { health, own: true };
  const next = noteFailure(health, failure);
  // What began before the key changed is news of the time before.
  const isOld = health.state !== "closed" && beganUs < health.changedUs;
  const isSpared = failure.mild === true && nowUs - otherThan(health.ok, caller) < coldUs;
  const opens =
    !isOld &&
    !isSpared &&
    health.state !== "open" &&
    (fault === "operator" || health.state === "ramp" || isProven(next, nowUs));
  return { health: opens ? open(next, failure) : next, own: false };
}

/** Whether others fared well since this caller's first fault, and nobody else badly after that. */
function isAlone({ ok, failed, probeOkUs, callers, firstFaults }: HealthState, caller: string) {
  const firstUs = firstFaults[caller];
  if (caller === "" || firstUs === undefined) return false;
  const othersOkUs = otherThan(ok, caller);
  if (othersOkUs > firstUs && othersOkUs > otherThan(failed, caller)) return true;
  // A probe is a small call: it clears the service only while nobody else fails.
  return probeOkUs > firstUs && callers.every((one) => one === caller);
}

function noteFailure(health: HealthState, failure: Failure): HealthState {
  const { nowUs, caller, fault, cause } = failure;
  const isFirst = health.state === "closed" && health.row === 0;
  const noted = {
    ...counted(health, nowUs, 1, fault === "service" ? 1 : 0),
    ...{ fault, cause, failed: latest(health.failed, caller, nowUs) },
    sinceUs: isFirst ? nowUs : health.sinceUs,
    firstFaults: withFirstFault(health.firstFaults, caller, nowUs),
  };
  if (fault === "operator") return noted;
  const isNew = health.callers.length < 2 && !health.callers.includes(caller);
  const callers = isNew ? [...health.callers, caller] : health.callers;
  return { ...noted, row: health.row + 1, callers };
}

function isProven({ row, ok, windowCalls, windowFaults }: HealthState, nowUs: number): boolean {
  if (row >= (nowUs - ok.us > coldUs ? rowToOpenCold : rowToOpen)) return true;
  return windowCalls >= leastCalls && windowFaults * 2 >= windowCalls;
}

function open(health: HealthState, { nowUs, fault, retryAfterMs }: Failure): HealthState {
  // From a ramp that did not hold the probes go on as far apart as they were.
  const probes = health.state === "ramp" ? health.probes : 0;
  const next = { ...health, state: "open", fault, probes, ramp: 0, changedUs: nowUs } as const;
  return { ...next, nextProbeUs: nextProbe(next, nowUs, retryAfterMs) };
}

function nextProbe(health: HealthState, nowUs: number, retryAfterMs = 0): number {
  const ageMs = (nowUs - health.sinceUs) / 1000;
  const gapMs = probeGapMs({ probes: health.probes, fault: health.fault, ageMs });
  return nowUs + Math.round(Math.max(gapMs, Math.min(retryAfterMs, 60_000)) * 1000);
}

export type Success = {
  nowUs: number;
  /** When the call began. */
  beganUs: number;
  caller: string;
  /** Calls that succeeded since this process last told. */
  calls: number;
};

/** A call has been answered: well, or at least so that the job alone is at fault. */
export function afterSuccess(health: HealthState, success: Success): HealthState {
  const { nowUs, beganUs, caller, calls } = success;
  const { [caller]: _, ...firstFaults } = health.firstFaults;
  const noted = {
    ...counted(health, nowUs, calls, 0),
    ...{ firstFaults, ok: latest(health.ok, caller, nowUs) },
  };
  if (health.state === "closed") return { ...noted, row: 0, callers: [] };
  if (health.state === "open" || beganUs < health.changedUs) return noted;
  return widen({ ...noted, row: 0, callers: [] }, nowUs);
}

function widen(health: HealthState, nowUs: number): HealthState {
  const ramp = health.ramp * 2;
  if (ramp <= lastRamp) return { ...health, ramp };
  return { ...health, state: "closed", ramp: 0, row: 0, callers: [], changedUs: nowUs };
}

/** One process takes the next probe upon itself; undefined when it is not due. */
export function takeProbe(health: HealthState, nowUs: number): HealthState | undefined {
  if (health.state !== "open" || nowUs < health.nextProbeUs) return undefined;
  // From its start on, so that one that hangs does not delay the next for longer than it takes.
  const taken = { ...health, probes: health.probes + 1 };
  return { ...taken, nextProbeUs: nextProbe(taken, nowUs) };
}

/** A probe has been answered: calls go ahead, few at first. */
export function afterProbe(health: HealthState, nowUs: number): HealthState {
  if (health.state !== "open") return health;
  const next = { ...health, state: "ramp", ramp: firstRamp, changedUs: nowUs } as const;
  return { ...next, probeOkUs: nowUs };
}

/** One process makes a probe of a key of which nobody knows; undefined when one was made lately. */
export function takeProof(health: HealthState, nowUs: number): HealthState | undefined {
  if (health.state !== "closed" || nowUs - health.proofUs < coldUs) return undefined;
  return { ...health, proofUs: nowUs };
}

/** That probe has been answered. */
export function afterProof(health: HealthState, nowUs: number): HealthState {
  return { ...health, probeOkUs: nowUs };
}

/** There is no cheap call to try: one job goes ahead as the probe. */
export function afterWait(health: HealthState, nowUs: number): HealthState {
  if (health.state !== "open") return health;
  return { ...health, state: "ramp", ramp: 1, changedUs: nowUs };
}

/** Probes at the next chance. */
export function probeNow(health: HealthState, nowUs: number): HealthState {
  return health.state === "open" ? { ...health, nextProbeUs: nowUs } : health;
}

/** Time alone: a ramp that nobody moves goes on. */
export function afterTime(health: HealthState, nowUs: number): HealthState {
  if (health.state !== "ramp" || nowUs - health.changedUs < rampStepUs) return health;
  return { ...widen(health, nowUs), changedUs: nowUs };
}

function counted(health: HealthState, nowUs: number, calls: number, faults: number): HealthState {
  const isOver = nowUs - health.windowUs > windowUs;
  return {
    ...health,
    windowUs: isOver ? nowUs : health.windowUs,
    windowCalls: (isOver ? 0 : health.windowCalls) + calls,
    windowFaults: (isOver ? 0 : health.windowFaults) + faults,
  };
}

function otherThan({ by, us, othersUs }: Latest, caller: string): number {
  return by === caller ? othersUs : us;
}

function latest(before: Latest, by: string, us: number): Latest {
  return { by, us, othersUs: otherThan(before, by) };
}

function withFirstFault(before: Record<string, number>, caller: string, nowUs: number) {
  if (caller === "" || before[caller] !== undefined) return before;
  const kept = Object.entries(before)
    .filter(([, us]) => nowUs - us < firstFaultKeptUs)
    .slice(1 - mostFirstFaults);
  return Object.fromEntries([...kept, [caller, nowUs]]);
}
