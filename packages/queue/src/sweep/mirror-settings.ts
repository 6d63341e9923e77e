import type { QueueSettings } from "@ilgam/db";
import { mirroredSettingsKeyOf } from "../dispatch/bull-names.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { RedisConnection } from "../redis/redis.ts";
import { epochOf } from "../settings/mirrored-settings.ts";
import { isWiped, type QueueMark } from "./queue-marks.ts";

/**
 * Brings the queues' settings to Redis where they are not what was copied last: a limit that
 * changed with a restart or the hour, a new kind, a pause that Redis did not hear. Where a priority
 * epoch has moved, what waits is taken out, for its numbers mean nothing any more.
 * @param marks of the queues whose servers answer; the others' settings are left for later.
 * @param beforeEmptying called first when a queue is to be emptied, so that a crash in between
 *   leaves a mark by which it is fed again.
 * @returns the queues that were emptied and have to be fed again.
 */
export async function mirrorSettings(options: {
  redis: RedisConnection;
  dispatcher: Dispatcher;
  settings: readonly QueueSettings[];
  marks: ReadonlyMap<string, QueueMark>;
  beforeEmptying: (queue: string) => Promise<unknown>;
}): Promise<Set<string>> {
  const { redis, dispatcher, marks } = options;
  const emptied = new Set<string>();
  for (const one of options.settings) {
    const mark = marks.get(one.name);
    if (!mark) continue;
    const { name, inForce, priorityEpoch } = one;
    const text = JSON.stringify({ name, inForce, priorityEpoch });
    const before = mark.settings;
    if (!isWiped(mark) && before === text) continue;
    const newEpoch = before !== null && epochOf(before) !== one.priorityEpoch;
    if (newEpoch) await options.beforeEmptying(one.name);
    await dispatcher.applySettings(one, { newEpoch });
    if (newEpoch) emptied.add(one.name);
    await redis.set(mirroredSettingsKeyOf(one.name), text);
  }
  return emptied;
}
