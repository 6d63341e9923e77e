import { randomUUID } from "node:crypto";
import type { PacePolicy, TokenDemand } from "./policy.ts";
import {
  defaultLongestCallMs,
  defaultMaxWaitMs,
  defaultQuotaTimeZone,
  longestWaitMs,
} from "./policy.ts";
import { zoneOffsetSeconds } from "./quota-day.ts";

/** A policy in the units of the scripts. */
export type PaceTerms = {
  intervalUs: number;
  maxWaitUs: number;
  /** -1 = unlimited. */
  quota: number;
  zoneSeconds: number;
  /** 0 = unlimited. */
  tokensPerMinute: number;
  /** Most in any 60 s. */
  tokenCeiling: number;
  /** 0 = unlimited. */
  maxConcurrency: number;
  leaseUs: number;
  /** Neither the key's being open nor its ramp hold it back. */
  probe: boolean;
  /** Whole numbers. */
  call: TokenDemand & { id: string };
};

/** The answer to one request for a slot. Refused slots are the earliest that could be had. */
export type Decision = {
  verdict:
    | "reserved"
    | "pace"
    | "closed"
    | "quota"
    | "tokens"
    | "concurrency"
    /** The provider is away: its health is open, or recovers and has as many calls as it may. */
    | "away"
    | "recovering";
  nowUs: number;
  slotUs: number;
  /** Tokens. */
  charge: number;
  /** Without what settlements had moved by then: from here a call that waits is moved on, µs. */
  baseUs: number;
  /** Decided by this process alone. */
  local: boolean;
  /** It counts until it is settled. */
  tracked: boolean;
};

const noTokens: TokenDemand = { label: "", input: 0, output: 0 };

/** @param wanted its `maxWaitMs` overrides the policy's. */
export function termsOf(
  policy: PacePolicy,
  wanted: { maxWaitMs?: number; tokens?: TokenDemand; probe?: boolean },
): PaceTerms {
  const { maxWaitMs, tokens = noTokens, probe = false } = wanted;
  const { tokensPerMinute = 0, tokenCeiling = tokensPerMinute, maxConcurrency = 0 } = policy;
  const waitMs = maxWaitMs ?? policy.maxWaitMs ?? defaultMaxWaitMs;
  return {
    intervalUs: Math.round(policy.intervalMs * 1000),
    maxWaitUs: Math.round(Math.min(waitMs, longestWaitMs) * 1000),
    quota: policy.dailyQuota ?? -1,
    zoneSeconds: zoneOffsetSeconds(policy.quotaTimeZone ?? defaultQuotaTimeZone, new Date()),
    tokensPerMinute: Math.floor(tokensPerMinute),
    tokenCeiling: Math.floor(Math.max(tokensPerMinute, tokenCeiling)),
    maxConcurrency,
    probe,
    leaseUs: Math.round((policy.longestCallMs ?? defaultLongestCallMs) * 1000),
    call: {
      id: randomUUID(),
      label: tokens.label,
      input: Math.ceil(tokens.input),
      output: Math.ceil(tokens.output),
    },
  };
}
