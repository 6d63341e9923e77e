import { createHealth, type Health } from "../health/create-health.ts";
import type { HealthEvent } from "../health/provider.ts";
import { type Closing, createClosing } from "./closing.ts";
import { createKeyMemories } from "./key-memory.ts";
import { type PaceClock, systemClock } from "./pace-clock.ts";
import type { Admission, PacePolicy, PaceStatus } from "./policy.ts";
import { createRedisGate } from "./redis/redis-gate.ts";
import { createRedisPace } from "./redis/redis-pace.ts";
import type { PaceRedis } from "./redis/redis-script.ts";
import { createRedisTime } from "./redis/redis-time.ts";
import { createReserve, type ReserveOptions } from "./reserve.ts";
import { createSlotWait } from "./slot-wait.ts";
import { createSlots } from "./slots.ts";
import { readStatus } from "./status.ts";

export type PaceOptions = {
  /**
   * A client that rejects at once while it is disconnected (no offline queue), or every call waits
   * `redisTimeoutMs` for nothing.
   */
  redis: PaceRedis;
  /** Processes that share the keys, asked while Redis is away. Default 1. */
  liveWorkers?: () => number;
  /** Longest wait for Redis, milliseconds. Default 200. */
  redisTimeoutMs?: number;
  /** Told each time Redis could not be used and the process went on alone. */
  onDegraded?: (error: unknown) => void;
  /** Told of each slot that was given up because the event loop woke too late. */
  onMissedSlot?: (key: string, lateMs: number) => void;
  /** Told when a provider's health changes by this process's doing. */
  onHealth?: (event: HealthEvent) => void;
  /** Default: the system's. */
  clock?: PaceClock;
};

export type Pace = {
  /**
   * Waits for the key's next slot and resolves when the call may be made, at once. Throws TryLater,
   * nothing reserved, when that is longer than the wait allowed, the key is closed or its quota
   * spent; throws the signal's reason when it aborts, and the slot goes back.
   */
  reserve(key: string, policy: PacePolicy, options?: ReserveOptions): Promise<Admission>;
  /** Closes the key for all processes; never shortens a closing. Resolves to ms until it opens. */
  close(key: string, closing: Closing, why: string): Promise<number>;
  /** Where the key stands, for `waitingOn` and statistics. Never rejects because Redis is away. */
  status(key: string): Promise<PaceStatus>;
  /** Whether the providers behind the keys work; kept beside their pace. */
  health: Health;
};

/**
 * Pacing per provider key, shared by all processes through Redis and by its clock: GCRA as the
 * reservation of slots. Without Redis each process takes its share of the pace by itself.
 */
export function createPace(options: PaceOptions): Pace {
  const { liveWorkers = () => 1, onDegraded = () => {}, clock = systemClock } = options;
  const time = createRedisTime(clock.now);
  const gate = createRedisGate({ now: clock.now, onDegraded });
  const redisPace = createRedisPace({
    redis: options.redis,
    time,
    now: clock.now,
    timeoutMs: options.redisTimeoutMs ?? 200,
  });
  const memoryOf = createKeyMemories();
  const parts = { clock, time, gate, redisPace, memoryOf };
  const workers = () => Math.max(1, liveWorkers());
  const slots = createSlots({ ...parts, workers });
  const health = createHealth({ ...parts, workers, onEvent: options.onHealth ?? (() => {}) });
  return {
    health,
    reserve: createReserve({
      slots,
      health,
      clock,
      memoryOf,
      waitForSlot: createSlotWait(parts),
      onMissedSlot: options.onMissedSlot,
    }),
    close: createClosing(parts),
    status: (key) => readStatus(key, parts),
  };
}
