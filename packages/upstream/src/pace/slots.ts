import type { Decision, PaceTerms } from "./decision.ts";
import { forgetSlot, type KeyMemory } from "./key-memory.ts";
import { settleLocally } from "./local-budget.ts";
import { giveBackLocally, reserveLocally } from "./local-pace.ts";
import type { RedisGate } from "./redis/redis-gate.ts";
import type { RedisPace } from "./redis/redis-pace.ts";
import type { RedisTime } from "./redis/redis-time.ts";

type SlotsOptions = {
  gate: RedisGate;
  redisPace: RedisPace;
  memoryOf: (key: string) => KeyMemory;
  time: RedisTime;
  /** Processes that share the keys, at least 1. */
  workers: () => number;
};

/** Taking slots and giving them back, on Redis or without it. */
export function createSlots({ gate, redisPace, memoryOf, time, workers }: SlotsOptions) {
  function forget(memory: KeyMemory, terms: PaceTerms, slot: Decision): void {
    if (slot.local) giveBackLocally(memory, terms, slot, workers());
    else forgetSlot(memory, slot.slotUs, terms.intervalUs);
  }

  return {
    /** @param unused a slot that was not called in; it goes back in the same step. */
    async take(key: string, terms: PaceTerms, unused?: Decision): Promise<Decision> {
      const memory = memoryOf(key);
      if (unused) forget(memory, terms, unused);
      return gate.run(
        () => redisPace.reserve(key, terms, memory, unused),
        () => reserveLocally(memory, terms, time.nowUs(), workers()),
      );
    },

    async giveBack(key: string, terms: PaceTerms, slot: Decision): Promise<void> {
      forget(memoryOf(key), terms, slot);
      if (slot.local) return;
      await gate.run(
        () => redisPace.giveBack(key, terms, slot),
        () => undefined,
      );
    },

    /** @param usedTokens undefined: unknown, the charge stands. */
    async settle(key: string, terms: PaceTerms, slot: Decision, usedTokens?: number) {
      if (!slot.tracked) return;
      if (slot.local) return settleLocally(memoryOf(key), terms, slot, usedTokens, workers());
      await gate.run(
        () => redisPace.settle(key, terms, slot, usedTokens),
        // Redis away: the charge stands, and the call in flight leaves when its lease is over.
        () => undefined,
      );
    },
  };
}
