import type { HealthState } from "../health/health-state.ts";

/** What this process knows of one key: heals Redis after a wipe and carries on without it. */
export type KeyMemory = {
  /** The last slot this process got, µs; 0 before the first. */
  lastSlotUs: number;
  closedUntilUs: number;
  why: string;
  /** The day the counts below belong to, and the calls of all processes on it. */
  day: number;
  used: number;
  /** Calls made without Redis on that day, not yet told to it. */
  untold: number;
  /** When the tokens given out are paid for, µs; 0 before the first. */
  tokensFreeUs: number;
  /** Tokens charged beyond the input's estimate, by label, as last heard. */
  outputs: Map<string, number>;
  /** Calls under way that this process admitted without Redis. */
  inFlight: number;
  /** As last seen; undefined for a key whose health nobody here follows. */
  health: HealthState | undefined;
};

/** The memory of each key by name, made at first use. Keys are providers, so few. */
export function createKeyMemories(): (key: string) => KeyMemory {
  const memories = new Map<string, KeyMemory>();
  return (key) => {
    let memory = memories.get(key);
    if (!memory) {
      memory = {
        ...{ lastSlotUs: 0, closedUntilUs: 0, why: "", day: 0, used: 0, untold: 0 },
        ...{ tokensFreeUs: 0, outputs: new Map(), inFlight: 0, health: undefined },
      };
      memories.set(key, memory);
    }
    return memory;
  };
}

/** Forgets a slot that was not used, so that it is not counted from. */
export function forgetSlot(memory: KeyMemory, slotUs: number, intervalUs: number): void {
  if (memory.lastSlotUs === slotUs) memory.lastSlotUs = slotUs - intervalUs;
}
