import { TryLater } from "@ilgam/contracts";
import type { createHealth } from "../health/create-health.ts";
import { sentence } from "../sentences.ts";
import { type Decision, termsOf } from "./decision.ts";
import type { KeyMemory } from "./key-memory.ts";
import type { PaceClock } from "./pace-clock.ts";
import type { Admission, PacePolicy, TokenDemand } from "./policy.ts";
import type { createSlotWait } from "./slot-wait.ts";
import type { createSlots } from "./slots.ts";

export type ReserveOptions = {
  signal?: AbortSignal;
  /** Overrides the policy's, milliseconds. */
  maxWaitMs?: number;
  /** What the call may need of a key that limits tokens; default none. */
  tokens?: TokenDemand;
  /** A look whether the provider is back: its being away does not hold it up. Default false. */
  probe?: boolean;
};

/** So often a caller asks again while as many calls as allowed are under way. */
const askAgainMs = 100;
/** How long it is snoozed when that lasts. */
const busyMs = 1_000;

type ReserveParts = {
  health: Pick<ReturnType<typeof createHealth>, "awaitColdStart" | "held">;
  slots: ReturnType<typeof createSlots>;
  waitForSlot: ReturnType<typeof createSlotWait>;
  clock: PaceClock;
  memoryOf: (key: string) => KeyMemory;
  onMissedSlot?: (key: string, lateMs: number) => void;
};

/** The verb that takes a slot, waits for it, and takes another when it could not be used. */
export function createReserve(parts: ReserveParts) {
  const { slots, waitForSlot, clock, memoryOf, health, onMissedSlot } = parts;
  return async (
    key: string,
    policy: PacePolicy,
    wanted: ReserveOptions = {},
  ): Promise<Admission> => {
    const { signal } = wanted;
    const startedAt = clock.now();
    const terms = termsOf(policy, wanted);
    const longestUs = terms.maxWaitUs;
    let unused: Decision | undefined;
    signal?.throwIfAborted();
    if (!terms.probe) {
      // Known to be away: Redis need not be asked.
      if (memoryOf(key).health?.state === "open") throw await health.held(key);
      await health.awaitColdStart(key, signal);
    }
    for (let round = 0; ; round += 1) {
      const heldUs = Math.round((clock.now() - startedAt) * 1000);
      if (round > 0) terms.maxWaitUs = Math.max(0, longestUs - heldUs);
      const slot = await slots.take(key, terms, unused);
      unused = undefined;
      if (slot.verdict === "away") throw await health.held(key);
      const isFull = slot.verdict === "concurrency" || slot.verdict === "recovering";
      if (isFull && terms.maxWaitUs > askAgainMs * 1000) {
        await clock.sleep(askAgainMs, signal);
        continue;
      }
      if (slot.verdict === "recovering") throw await health.held(key);
      if (slot.verdict !== "reserved") {
        throw refusal(slot, slot.verdict, policy, memoryOf(key));
      }
      const end = await waitForSlot(key, slot, terms, signal);
      if (end.state === "taken") {
        const waitedMs = clock.now() - startedAt;
        return {
          ...{ slotAt: slot.slotUs / 1000, waitedMs, degraded: slot.local, tokens: slot.charge },
          settle: once((usedTokens) => slots.settle(key, terms, slot, usedTokens)),
        };
      }
      if (end.state === "aborted") {
        await slots.giveBack(key, terms, slot);
        throw end.reason;
      }
      if (end.state === "missed") onMissedSlot?.(key, end.lateMs);
      unused = slot;
    }
  };
}

function once(settle: Admission["settle"]): Admission["settle"] {
  let isSettled = false;
  return async (usedTokens) => {
    if (isSettled) return;
    isSettled = true;
    await settle(usedTokens);
  };
}

const codes = {
  pace: "pace_full",
  tokens: "tokens_full",
  concurrency: "calls_full",
  quota: "daily_quota",
} as const;

function refusal(
  slot: Decision,
  verdict: Exclude<Decision["verdict"], "reserved" | "away" | "recovering">,
  policy: PacePolicy,
  memory: KeyMemory,
): TryLater {
  const delayMs = (slot.slotUs - slot.nowUs) / 1000;
  if (verdict === "closed") {
    return new TryLater(delayMs, memory.why, { code: "pace_closed" });
  }
  const code = codes[verdict];
  const why = sentence(code, { quota: policy.dailyQuota ?? 0 });
  return new TryLater(code === "calls_full" ? busyMs : delayMs, why, { code });
}
