import type { Decision, PaceTerms } from "./decision.ts";
import type { KeyMemory } from "./key-memory.ts";
import { type PaceClock, sleepUntilDone } from "./pace-clock.ts";
import type { RedisGate } from "./redis-gate.ts";
import type { RedisPace } from "./redis-pace.ts";
import type { RedisTime } from "./redis-time.ts";

/** How the wait for a reserved slot ended. */
export type SlotEnd =
  | { state: "taken" }
  /** The process woke too late: calling now would come too close to the next slot's call. */
  | { state: "missed"; lateMs: number }
  /** The key was closed meanwhile. */
  | { state: "closed" }
  | { state: "aborted"; reason: unknown };

/** So long before its slot a waiting call asks whether the key has been closed. */
const askAheadMs = 20;

type SlotWaitOptions = {
  clock: PaceClock;
  time: RedisTime;
  gate: RedisGate;
  redisPace: RedisPace;
  memoryOf: (key: string) => KeyMemory;
};

/** The wait until a reserved slot begins, by Redis' time. */
export function createSlotWait(options: SlotWaitOptions) {
  const { clock, time, gate, redisPace, memoryOf } = options;

  async function askIfClosed(key: string): Promise<void> {
    const seen = await gate.run(
      () => redisPace.status(key),
      () => undefined,
    );
    if (seen) Object.assign(memoryOf(key), { closedUntilUs: seen.closedUntilUs, why: seen.why });
  }

  async function sleep(key: string, slot: Decision, signal?: AbortSignal): Promise<void> {
    const remaining = () => time.msUntil(slot.slotUs);
    if (!slot.local && remaining() > 2 * askAheadMs) {
      await sleepUntilDone(() => remaining() - askAheadMs, clock, signal);
      // Not awaited: an answer that is not here when the slot begins must not cost the slot.
      void askIfClosed(key);
    }
    await sleepUntilDone(remaining, clock, signal);
  }

  return async (
    key: string,
    slot: Decision,
    terms: PaceTerms,
    signal?: AbortSignal,
  ): Promise<SlotEnd> => {
    try {
      await sleep(key, slot, signal);
      signal?.throwIfAborted();
    } catch (error) {
      return { state: "aborted", reason: error };
    }
    if (memoryOf(key).closedUntilUs > slot.slotUs) return { state: "closed" };
    const lateMs = -time.msUntil(slot.slotUs);
    const toleratedMs = Math.max(terms.intervalUs / 2000, 10);
    return lateMs > toleratedMs ? { state: "missed", lateMs } : { state: "taken" };
  };
}
