import type { KeyMemory } from "./key-memory.ts";
import { dayOf, dayStartUs, zoneOffsetSeconds } from "./quota-day.ts";
import type { RedisGate } from "./redis/redis-gate.ts";
import type { CloseMode, RedisPace } from "./redis/redis-pace.ts";
import type { RedisTime } from "./redis/redis-time.ts";

/** How long a key stays closed. */
export type Closing =
  | { delayMs: number }
  /** Epoch milliseconds by Redis time. */
  | { until: number }
  /** 1 s, doubled each time the key closes again soon after, at most 60 s. */
  | { backoff: true }
  /**
   * Until midnight in that zone (IANA name). In the first ten minutes of a day only for a minute:
   * the provider's clock may be behind, and a whole day would be lost.
   */
  | { quotaResetIn: string };

type ClosingOptions = {
  gate: RedisGate;
  redisPace: RedisPace;
  memoryOf: (key: string) => KeyMemory;
  time: RedisTime;
};

/** The verb that closes a key. Without Redis the closing holds for this process. */
export function createClosing({ gate, redisPace, memoryOf, time }: ClosingOptions) {
  return async (key: string, closing: Closing, why: string): Promise<number> => {
    const { mode, valueUs, zoneSeconds } = inScriptTerms(closing);
    const memory = memoryOf(key);
    const closed = await gate.run(
      () => redisPace.close(key, mode, valueUs, why, zoneSeconds),
      () => {
        const nowUs = time.nowUs();
        const closedUntilUs = localEndUs(mode, valueUs, zoneSeconds, nowUs);
        return memory.closedUntilUs >= closedUntilUs
          ? { ...memory, nowUs }
          : { nowUs, closedUntilUs, why };
      },
    );
    Object.assign(memory, { closedUntilUs: closed.closedUntilUs, why: closed.why });
    return Math.max(0, (closed.closedUntilUs - closed.nowUs) / 1000);
  };
}

function inScriptTerms(closing: Closing): {
  mode: CloseMode;
  valueUs: number;
  zoneSeconds: number;
} {
  if ("delayMs" in closing) {
    return { mode: "delay", valueUs: Math.round(closing.delayMs * 1000), zoneSeconds: 0 };
  }
  if ("until" in closing) {
    return { mode: "until", valueUs: Math.round(closing.until * 1000), zoneSeconds: 0 };
  }
  if ("backoff" in closing) return { mode: "backoff", valueUs: 0, zoneSeconds: 0 };
  const zoneSeconds = zoneOffsetSeconds(closing.quotaResetIn, new Date());
  return { mode: "day", valueUs: 0, zoneSeconds };
}

/** The script's arithmetic without its memory of earlier closings. */
function localEndUs(mode: CloseMode, valueUs: number, zoneSeconds: number, nowUs: number): number {
  switch (mode) {
    case "delay":
      return nowUs + valueUs;
    case "until":
      return valueUs;
    case "backoff":
      return nowUs + 1_000_000;
    case "day": {
      const day = dayOf(nowUs, zoneSeconds);
      const early = nowUs - dayStartUs(day, zoneSeconds) < 600_000_000;
      return early ? nowUs + 60_000_000 : dayStartUs(day + 1, zoneSeconds);
    }
  }
}
