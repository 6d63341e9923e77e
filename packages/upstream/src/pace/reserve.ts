import { TryLater } from "@ilgam/contracts";
import { sentence } from "../sentences.ts";
import { type Decision, termsOf } from "./decision.ts";
import type { KeyMemory } from "./key-memory.ts";
import type { PaceClock } from "./pace-clock.ts";
import type { Admission, PacePolicy } from "./policy.ts";
import type { createSlotWait } from "./slot-wait.ts";
import type { createSlots } from "./slots.ts";

export type ReserveOptions = {
  signal?: AbortSignal;
  /** Overrides the policy's, milliseconds. */
  maxWaitMs?: number;
};

type ReserveParts = {
  slots: ReturnType<typeof createSlots>;
  waitForSlot: ReturnType<typeof createSlotWait>;
  clock: PaceClock;
  memoryOf: (key: string) => KeyMemory;
  onMissedSlot?: (key: string, lateMs: number) => void;
};

/** The verb that takes a slot, waits for it, and takes another when it could not be used. */
export function createReserve(parts: ReserveParts) {
  const { slots, waitForSlot, clock, memoryOf, onMissedSlot } = parts;
  return async (
    key: string,
    policy: PacePolicy,
    wanted: ReserveOptions = {},
  ): Promise<Admission> => {
    const { signal } = wanted;
    const startedAt = clock.now();
    let unused: Decision | undefined;
    signal?.throwIfAborted();
    for (;;) {
      const terms = termsOf(policy, wanted.maxWaitMs);
      const heldUs = Math.round((clock.now() - startedAt) * 1000);
      if (unused) terms.maxWaitUs = Math.max(0, terms.maxWaitUs - heldUs);
      const slot = await slots.take(key, terms, unused);
      if (slot.verdict !== "reserved") throw refusal(slot, policy, memoryOf(key));
      const end = await waitForSlot(key, slot, terms, signal);
      if (end.state === "taken") {
        const waitedMs = clock.now() - startedAt;
        return { slotAt: slot.slotUs / 1000, waitedMs, degraded: slot.local };
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

function refusal(slot: Decision, policy: PacePolicy, memory: KeyMemory): TryLater {
  const delayMs = (slot.slotUs - slot.nowUs) / 1000;
  if (slot.verdict === "closed") {
    return new TryLater(delayMs, memory.why, { code: "pace_closed" });
  }
  const code = slot.verdict === "pace" ? "pace_full" : "daily_quota";
  return new TryLater(delayMs, sentence(code, { quota: policy.dailyQuota ?? 0 }), { code });
}
