import { createHash } from "node:crypto";

/** What pacing needs of a Redis client; an ioredis client has it. */
export type PaceRedis = {
  eval(script: string, numKeys: number, ...args: (string | number)[]): Promise<unknown>;
  /** Saves sending the script each time; used when present. */
  evalsha?(sha: string, numKeys: number, ...args: (string | number)[]): Promise<unknown>;
};

export type RedisScript = (keys: string[], args: (string | number)[]) => Promise<unknown>;

/** Makes `source` callable. It rejects when Redis takes longer than `timeoutMs`. */
export function createScript(redis: PaceRedis, source: string, timeoutMs: number): RedisScript {
  const sha = createHash("sha1").update(source).digest("hex");

  async function run(keys: string[], args: (string | number)[]): Promise<unknown> {
    if (!redis.evalsha) return redis.eval(source, keys.length, ...keys, ...args);
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return redis.eval(source, keys.length, ...keys, ...args);
    }
  }
  return (keys, args) => within(timeoutMs, run(keys, args));
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error(`Redis did not answer within ${timeoutMs} ms`));
    // After a stall of our own the answer lies in the socket: it is read before an immediate runs.
    timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
