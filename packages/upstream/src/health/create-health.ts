import type { Held } from "@ilgam/contracts";
import type { KeyMemory } from "../pace/key-memory.ts";
import type { PaceClock } from "../pace/pace-clock.ts";
import type { RedisGate } from "../pace/redis/redis-gate.ts";
import type { RedisPace } from "../pace/redis/redis-pace.ts";
import type { RedisTime } from "../pace/redis/redis-time.ts";
import { UpstreamError } from "../upstream-error.ts";
import { createColdStart } from "./cold-start.ts";
import {
  afterFailure,
  afterSuccess,
  type HealthState,
  isTroubled,
  probeNow,
} from "./health-state.ts";
import { createHealthStore } from "./health-store.ts";
import { heldBy } from "./held-by.ts";
import type { CallOf, HealthEvent, Provider } from "./provider.ts";
import type { ProviderFault } from "./provider-fault.ts";
import { watchHealth } from "./watch-health.ts";

export type Health = {
  /** Follows a provider from now on; the newest configuration counts. */
  follow(provider: Provider): void;
  /** Follows keys that other processes call, without calling. */
  observe(keys: readonly string[]): void;
  /** Redis' time now, µs. */
  nowUs(): number;
  /** A call was answered. */
  succeeded(key: string, call: CallOf): void;
  /**
   * Decides whose fault a failed call is. Resolves with what to throw: Held when the job has to wait
   * for the provider, otherwise the error as it is.
   */
  judge(key: string, call: CallOf, error: unknown): Promise<unknown>;
  /** What this process knows last; undefined for a key that it does not follow. */
  of(key: string): HealthState | undefined;
  /** Told whenever `of(key)` may have changed. @returns ends it */
  onChange(listener: (key: string) => void): () => void;
  /** Reads it now. Never rejects because Redis is away. */
  read(key: string): Promise<HealthState | undefined>;
  /** Whoever follows the provider probes it at once. Resolves with how it stands. */
  requestProbe(key: string): Promise<HealthState | undefined>;
  /** What a caller is told that may not call now. */
  held(key: string): Promise<Held>;
  /** Waits for a turn on a key of which nobody knows whether it works. */
  awaitColdStart(key: string, signal?: AbortSignal): Promise<void>;
  /** Stops watching. */
  close(): void;
};

export type HealthParts = {
  clock: PaceClock;
  time: RedisTime;
  gate: RedisGate;
  redisPace: RedisPace;
  memoryOf: (key: string) => KeyMemory;
  /** Processes that share the keys, at least 1. */
  workers: () => number;
  onEvent: (event: HealthEvent) => void;
};

/** The health of provider keys, shared by all processes through Redis; without it each has its own. */
export function createHealth(parts: HealthParts): Health {
  const { time, memoryOf } = parts;
  const store = createHealthStore(parts);
  const watch = watchHealth({ store, nowUs: time.nowUs, onEvent: parts.onEvent });
  const coldStart = createColdStart({
    ...parts,
    prove: watch.prove,
    healthOf: (key) => memoryOf(key).health,
  });

  /** A failure: whether the job stands alone with it. Read first, for what others met decides. */
  async function noteFailure(key: string, call: CallOf, error: UpstreamError): Promise<boolean> {
    let own = false;
    await store.change(
      key,
      (health, nowUs) => {
        const judged = afterFailure(health, {
          ...{ nowUs, ...call, fault: error.fault as ProviderFault },
          cause: { ko: error.message, en: error.english },
          retryAfterMs: error.retryAfterMs,
          mild: error.code === "model_unknown",
        });
        own = judged.own;
        return judged.health;
      },
      { fresh: true },
    );
    return own;
  }

  return {
    ...{ follow: watch.follow, observe: watch.observe, onChange: store.onChange },
    nowUs: time.nowUs,
    of: (key) => memoryOf(key).health,
    read: store.read,
    awaitColdStart: coldStart.awaitTurn,
    close: watch.close,
    succeeded: (key, call) => {
      const { health } = memoryOf(key);
      if (!health) return;
      coldStart.succeeded(key);
      const isNews = isTroubled(health) || health.firstFaults[call.caller] !== undefined;
      if (!isNews) return watch.succeeded(key, call);
      void store.change(key, (now, nowUs) => afterSuccess(now, { ...call, nowUs, calls: 1 }));
    },
    judge: async (key, call, error) => {
      if (!(error instanceof UpstreamError) || !memoryOf(key).health) return error;
      if (error.fault === "job") return error;
      if (await noteFailure(key, call, error)) return error;
      return heldBy(key, memoryOf(key).health, { nowUs: time.nowUs(), error });
    },
    held: async (key) => {
      const known = memoryOf(key).health;
      // Others found out: Redis refused the call, and this process has not heard why.
      const health = known && known.state !== "closed" ? known : await store.read(key);
      return heldBy(key, health, { nowUs: time.nowUs() });
    },
    requestProbe: async (key) => {
      await store.change(key, probeNow, { fresh: true });
      return memoryOf(key).health;
    },
  };
}
