import { canaryKeyOf, mirroredSettingsKeyOf } from "../dispatch/bull-names.ts";
import type { RedisConnection } from "../redis/redis.ts";

/** What stands in Redis beside a queue, in its slot, so that both are lost together or not at all. */
export type QueueMark = {
  /** The server that has the queue, in its present life and as a master in its present history. */
  server: string;
  canary: string | null;
  /** The settings that were copied last, as JSON. */
  settings: string | null;
};

const feeding = "feeding";

// Asked on the server that has the keys, whichever it is: a Cluster has several, and a failover
// changes them.
const lookScript = `
local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication')
local server = string.match(info, 'run_id:(%w+)') or ''
server = server .. '-' .. (string.match(info, 'master_replid:(%w+)') or '')
return {server, redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])}
`;

/**
 * The marks of the queues. One whose server is away is left out, and `onMissing` is told why.
 * @throws when no queue's server answers.
 */
export async function readMarks(
  redis: RedisConnection,
  queues: readonly string[],
  onMissing: (error: Error) => void,
): Promise<Map<string, QueueMark>> {
  const ask = async (queue: string) => {
    const keys = [canaryKeyOf(queue), mirroredSettingsKeyOf(queue)];
    const reply = await redis.eval(lookScript, keys.length, ...keys);
    const [server, canary = null, settings = null] = reply as (string | null)[];
    return { server: String(server), canary, settings };
  };
  return ofThoseThatAnswer(queues, ask, onMissing);
}

/** True when the queue was wiped, or its server restarted or replaced by another. */
export function isWiped({ canary, server }: QueueMark): boolean {
  return canary !== server;
}

/** Marks that the queue is being fed; until `endFeeding` it counts as wiped. */
export async function beginFeeding(redis: RedisConnection, queue: string): Promise<void> {
  await redis.set(canaryKeyOf(queue), feeding);
}

/**
 * Written over the mark, last of all: a crash before it, or another wipe meanwhile, makes the next
 * sweep do all of this again. So does a failover, for then `server` is not the one that is asked.
 */
export async function endFeeding(
  redis: RedisConnection,
  queue: string,
  { server }: QueueMark,
): Promise<void> {
  await redis.set(canaryKeyOf(queue), server, "XX");
}

/**
 * Asks for each queue, which may be on different servers of a Cluster. `onMissing` is told why some
 * did not answer.
 * @throws the first reason when none answers.
 */
export async function ofThoseThatAnswer<Answer>(
  queues: readonly string[],
  ask: (queue: string) => Promise<Answer>,
  onMissing: (error: Error) => void,
): Promise<Map<string, Answer>> {
  const results = await Promise.allSettled(queues.map(ask));
  const answers = new Map<string, Answer>();
  queues.forEach((queue, index) => {
    const result = results[index];
    if (result?.status === "fulfilled") answers.set(queue, result.value);
  });
  const failure = results.find((result) => result.status === "rejected");
  if (failure && answers.size === 0) throw failure.reason;
  if (failure) onMissing(failure.reason as Error);
  return answers;
}
