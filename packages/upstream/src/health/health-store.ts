import type { KeyMemory } from "../pace/key-memory.ts";
import type { RedisGate } from "../pace/redis/redis-gate.ts";
import type { RedisPace } from "../pace/redis/redis-pace.ts";
import type { RedisTime } from "../pace/redis/redis-time.ts";
import { type HealthState, healthy, isUntouched } from "./health-state.ts";
import type { HealthEvent } from "./provider.ts";

/** A step of the state; the same object when nothing changes. */
export type Turn = (health: HealthState, nowUs: number) => HealthState;

export type HealthStore = {
  /**
   * Takes one step, after all steps of this key that were asked for before. Never rejects; without
   * Redis this process's own state takes it.
   * @param options.fresh look at what others did first; default what is known may do
   * @param options.whosever a state of another configuration is taken over; default it is left alone
   * @returns whether Redis has it
   */
  change(
    key: string,
    turn: Turn,
    options?: { fresh?: boolean; whosever?: boolean },
  ): Promise<boolean>;
  /** What stands in Redis, which is known from then on. */
  read(key: string): Promise<HealthState | undefined>;
  onChange(listener: (key: string) => void): () => void;
  /** From now on it is about this configuration, of which nothing is known yet. */
  begin(key: string, config: string): void;
};

/** Others write at the same moment: each round one of them succeeds. */
const mostRounds = 50;

type Kept = {
  /** As it stands in Redis, the last time that this process saw it. */
  text: string;
  config: string | undefined;
  /** Steps one after the other. */
  last: Promise<unknown>;
};

export function createHealthStore(parts: {
  gate: RedisGate;
  redisPace: RedisPace;
  time: RedisTime;
  memoryOf: (key: string) => KeyMemory;
  onEvent: (event: HealthEvent) => void;
}): HealthStore {
  const { gate, redisPace, time, memoryOf } = parts;
  const keys = new Map<string, Kept>();
  const listeners = new Set<(key: string) => void>();

  function keptOf(key: string): Kept {
    const known = keys.get(key);
    if (known) return known;
    const kept: Kept = { text: "", config: undefined, last: Promise.resolve() };
    keys.set(key, kept);
    return kept;
  }

  function see(key: string, health: HealthState | undefined): void {
    memoryOf(key).health = health;
    for (const listener of listeners) listener(key);
  }

  /** Undefined when it is about another configuration: this process then keeps its own state. */
  function asOurs({ config }: Kept, text: string): HealthState | undefined {
    const health = text === "" ? undefined : (JSON.parse(text) as HealthState);
    return config === undefined || health?.config === config ? health : undefined;
  }

  function known(key: string): HealthState {
    return memoryOf(key).health ?? healthy(keptOf(key).config ?? "");
  }

  /** A wiped Redis is told what this process knows, also when one that knows nothing was faster. */
  function newest(key: string, seen: HealthState | undefined): HealthState {
    return seen && !isUntouched(seen) ? seen : known(key);
  }

  function made(key: string, before: HealthState, after: HealthState): void {
    see(key, after);
    if (before.state === after.state) return;
    parts.onEvent({ type: "provider_state", key, before: before.state, health: after });
  }

  async function write(
    key: string,
    turn: Turn,
    { fresh, whosever }: { fresh: boolean; whosever: boolean },
  ): Promise<boolean> {
    const kept = keptOf(key);
    const read = whosever ? { ...kept, config: undefined } : kept;
    let text = fresh || kept.text === "" ? await redisPace.readHealth(key) : kept.text;
    for (let round = 0; round < mostRounds; round += 1) {
      const seen = asOurs(read, text);
      const before = seen?.config === kept.config ? newest(key, seen) : (seen ?? known(key));
      const after = turn(before, time.nowUs());
      const isOurs = text === "" || seen !== undefined;
      const next = JSON.stringify(after);
      const { state, ramp, changedUs: sinceUs } = after;
      const terms = { text: next, open: state === "open", ramp, sinceUs };
      // Whoever only looks on has nothing to tell an empty Redis.
      const isSame = text === "" ? kept.config === undefined : after === (seen ?? before);
      const standing =
        !isOurs || isSame ? undefined : await redisPace.writeHealth(key, text, terms);
      if (standing === undefined) {
        kept.text = !isOurs || isSame ? text : next;
        made(key, before, after);
        return true;
      }
      text = standing;
    }
    throw new Error(`the health of ${key} changes too often`);
  }

  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const kept = keptOf(key);
    const result = kept.last.then(work);
    kept.last = result.catch(() => undefined);
    return result;
  };

  return {
    change: (key, turn, { fresh = false, whosever = false } = {}) =>
      inTurn(key, () =>
        gate.run(
          () => write(key, turn, { fresh, whosever }),
          () => {
            const before = known(key);
            made(key, before, turn(before, time.nowUs()));
            return false;
          },
        ),
      ),
    read: (key) =>
      inTurn(key, async () => {
        const kept = keptOf(key);
        const text = await gate.run<string | undefined>(
          () => redisPace.readHealth(key),
          () => undefined,
        );
        const health = text === undefined ? undefined : asOurs(kept, text);
        if (text !== undefined) kept.text = text;
        if (health) see(key, newest(key, health));
        return memoryOf(key).health;
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    begin: (key, config) => {
      keptOf(key).config = config;
      see(key, healthy(config));
    },
  };
}
