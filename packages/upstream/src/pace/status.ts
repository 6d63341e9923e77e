import { sentence } from "../sentences.ts";
import type { KeyMemory } from "./key-memory.ts";
import type { PaceStatus } from "./policy.ts";
import { dayOf, dayStartUs } from "./quota-day.ts";
import type { RedisGate } from "./redis/redis-gate.ts";
import type { RedisPace } from "./redis/redis-pace.ts";
import type { RedisTime } from "./redis/redis-time.ts";

type StatusOptions = {
  gate: RedisGate;
  redisPace: RedisPace;
  memoryOf: (key: string) => KeyMemory;
  time: RedisTime;
};

/** A key's standing as Redis has it, else as this process remembers it. */
export function readStatus(key: string, options: StatusOptions): Promise<PaceStatus> {
  const { gate, redisPace, memoryOf, time } = options;
  return gate.run(
    async () => asStatus(await redisPace.status(key), false),
    () => {
      const memory = memoryOf(key);
      const used = memory.used + memory.untold;
      const unknown = { intervalUs: 0, quota: -2, zoneSeconds: 0, tokens: 0 };
      const nowUs = time.nowUs();
      return asStatus({ ...memory, ...unknown, nowUs, nextUs: nowUs, used }, true);
    },
  );
}

type Standing = Awaited<ReturnType<RedisPace["status"]>>;

function asStatus(seen: Standing, degraded: boolean): PaceStatus {
  const { nowUs, quota, zoneSeconds, used } = seen;
  const spent = quota >= 0 && used >= quota;
  const renewedUs = spent ? dayStartUs(dayOf(nowUs, zoneSeconds) + 1, zoneSeconds) : 0;
  const closedUs = Math.max(seen.closedUntilUs, renewedUs);
  const closed = closedUs > nowUs;
  const why = renewedUs >= seen.closedUntilUs ? sentence("daily_quota", { quota }) : seen.why;
  return {
    closedUntil: closed ? closedUs / 1000 : null,
    why: closed ? why : null,
    nextSlotAt: Math.max(nowUs, seen.nextUs, closedUs) / 1000,
    usedToday: used,
    tokensLastMinute: seen.tokens,
    quota: quota >= 0 ? quota : null,
    degraded,
  };
}
