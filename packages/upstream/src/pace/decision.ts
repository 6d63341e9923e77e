import type { PacePolicy } from "./policy.ts";
import { defaultMaxWaitMs, defaultQuotaTimeZone, longestWaitMs } from "./policy.ts";
import { zoneOffsetSeconds } from "./quota-day.ts";

/** A policy in the units of the scripts. */
export type PaceTerms = {
  intervalUs: number;
  maxWaitUs: number;
  /** -1 = unlimited. */
  quota: number;
  zoneSeconds: number;
};

/** The answer to one request for a slot. Refused slots are the earliest that could be had. */
export type Decision = {
  verdict: "reserved" | "pace" | "closed" | "quota";
  nowUs: number;
  slotUs: number;
  /** Decided by this process alone. */
  local: boolean;
};

/** @param maxWaitMs overrides the policy's. */
export function termsOf(policy: PacePolicy, maxWaitMs: number | undefined): PaceTerms {
  const waitMs = maxWaitMs ?? policy.maxWaitMs ?? defaultMaxWaitMs;
  return {
    intervalUs: Math.round(policy.intervalMs * 1000),
    maxWaitUs: Math.round(Math.min(waitMs, longestWaitMs) * 1000),
    quota: policy.dailyQuota ?? -1,
    zoneSeconds: zoneOffsetSeconds(policy.quotaTimeZone ?? defaultQuotaTimeZone, new Date()),
  };
}
