import type { Decision, PaceTerms } from "./decision.ts";
import type { KeyMemory } from "./key-memory.ts";
import { type PaceClock, sleepUntilDone } from "./pace-clock.ts";
import type { RedisGate } from "./redis/redis-gate.ts";
import type { RedisPace } from "./redis/redis-pace.ts";
import type { RedisTime } from "./redis/redis-time.ts";

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
/** A call that waits for tokens follows what is settled each time so much of its wait is left. */
const leftShare = 0.3;
/** Not in the last stretch: what moves it then is less than what no answer in time would cost. */
const shortestMoveMs = 15;

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

  async function follow(key: string, slot: Decision, terms: PaceTerms): Promise<void> {
    const seen = await gate.run(
      () => redisPace.move(key, terms, slot),
      () => undefined,
    );
    if (!seen) return;
    const { slotUs, closedUntilUs, why } = seen;
    Object.assign(memoryOf(key), { closedUntilUs, why });
    slot.slotUs = slotUs;
  }

  async function sleep(
    key: string,
    slot: Decision,
    terms: PaceTerms,
    signal?: AbortSignal,
  ): Promise<void> {
    const remaining = () => time.msUntil(slot.slotUs);
    const until = (aheadMs: number) => sleepUntilDone(() => remaining() - aheadMs, clock, signal);
    // Slots that are an interval apart stay where they are.
    if (!slot.local && slot.charge > 0 && terms.intervalUs === 0) {
      for (let left = remaining(); left > shortestMoveMs / leftShare; left = remaining()) {
        await until(left * leftShare);
        const asked = follow(key, slot, terms);
        await Promise.race([asked, clock.sleep((left * leftShare) / 2, signal)]);
      }
    } else if (!slot.local && remaining() > 2 * askAheadMs) {
      await until(askAheadMs);
      // Not awaited: an answer that is not here when the slot begins must not cost the slot.
      void askIfClosed(key);
    }
    await until(0);
  }

  return async (
    key: string,
    slot: Decision,
    terms: PaceTerms,
    signal?: AbortSignal,
  ): Promise<SlotEnd> => {
    try {
      await sleep(key, slot, terms, signal);
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
