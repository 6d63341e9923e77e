import type { QueueSettings } from "@ilgam/db";
import { mirroredSettingsKeyOf } from "../dispatch/bull-names.ts";
import type { RedisConnection } from "../redis/redis.ts";

/** The next sweep copies the queue's limits again. Its epoch stays known: it tells what is old. */
export async function forgetMirroredLimits(redis: RedisConnection, queue: string): Promise<void> {
  const mirrored = await redis.get(mirroredSettingsKeyOf(queue));
  if (mirrored === null) return;
  await redis.set(
    mirroredSettingsKeyOf(queue),
    JSON.stringify({ priorityEpoch: epochOf(mirrored) }),
  );
}

/** The priority epoch of what was copied last. */
export function epochOf(mirrored: string): number {
  return (JSON.parse(mirrored) as Pick<QueueSettings, "priorityEpoch">).priorityEpoch;
}
