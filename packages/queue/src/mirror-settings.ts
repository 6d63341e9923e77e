import type { QueueSettings } from "@ilgam/db";
import { mirroredSettingsKey } from "./bull-names.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { RedisConnection } from "./redis.ts";

/**
 * Brings the queues' settings to Redis where they are not what was copied last: a limit that
 * changed with a restart, a new kind, a pause that Redis did not hear. Where a priority epoch has
 * moved, what waits is taken out, for its numbers mean nothing any more.
 * @param all copies every queue's settings: Redis was wiped or restarted.
 * @param beforeEmptying called first when something is to be taken out, so that a crash in between
 *   leaves a mark by which everything is fed again.
 * @returns true when something was taken out and has to be fed again.
 */
export async function mirrorSettings(options: {
  redis: RedisConnection;
  dispatcher: Dispatcher;
  settings: readonly QueueSettings[];
  all: boolean;
  beforeEmptying: () => Promise<unknown>;
}): Promise<boolean> {
  const { redis, dispatcher } = options;
  const mirrored = await redis.hgetall(mirroredSettingsKey);
  let emptied = false;
  for (const one of options.settings) {
    const text = JSON.stringify(one);
    const before = mirrored[one.name];
    if (!options.all && before === text) continue;
    const newEpoch = before !== undefined && epochOf(before) !== one.priorityEpoch;
    if (newEpoch) await options.beforeEmptying();
    await dispatcher.applySettings(one, { newEpoch });
    emptied ||= newEpoch;
    await redis.hset(mirroredSettingsKey, one.name, text);
  }
  return emptied;
}

function epochOf(mirrored: string): number {
  return (JSON.parse(mirrored) as QueueSettings).priorityEpoch;
}
