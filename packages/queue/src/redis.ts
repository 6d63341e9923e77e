import { type Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisSettings } from "./redis-settings.ts";

/** What everything in this package talks to Redis through. */
export type RedisConnection = Redis | Cluster;

/**
 * What a connection is for. `producer`: a request waits for it, so it fails within 200 ms.
 * `worker`: blocks for jobs and outlives any outage. `background`: the sweeper and settings.
 */
type RedisRole = "producer" | "worker" | "background" | "subscriber";

const optionsOf: Record<RedisRole, RedisOptions> = {
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 200,
    connectTimeout: 500,
  },
  worker: { maxRetriesPerRequest: null, enableOfflineQueue: true, connectTimeout: 2_000 },
  background: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
  },
  subscriber: { maxRetriesPerRequest: null, enableOfflineQueue: true, connectTimeout: 2_000 },
};

/** A connection that comes back by itself within 1 s of Redis's return. */
export function connectRedis(
  settings: RedisSettings,
  role: RedisRole,
  onError: (error: Error) => void = () => undefined,
): RedisConnection {
  const redis = new Redis(settings.url, {
    ...optionsOf[role],
    retryStrategy: (times) => Math.min(1_000, 50 * 2 ** Math.min(times, 5)),
    keepAlive: 5_000,
  });
  redis.on("error", onError);
  reconnectWhenSilent(redis);
  return redis;
}

const pingEveryMs = 1_500;
const pingsUnanswered = 2;

/**
 * A half-open connection looks ready and answers nothing, and its commands wait for minutes: the
 * time limit of a command rejects, it does not reconnect. Counted in ticks, not in time, so that a
 * blocked event loop is not taken for a silent network.
 */
function reconnectWhenSilent(redis: Redis): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (redis.status !== "ready" || unanswered >= pingsUnanswered) {
      if (redis.status === "ready") redis.disconnect(true);
      unanswered = 0;
      return;
    }
    unanswered += 1;
    redis.ping().then(
      () => {
        unanswered = 0;
      },
      // A connection that is lost says so itself; one that is silent stays counted.
      () => undefined,
    );
  }, pingEveryMs);
  timer.unref();
  redis.once("end", () => clearInterval(timer));
}

/**
 * Refuses a Redis that would throw jobs away under memory pressure, and warns without AOF.
 * @throws Error that names the setting to change.
 */
export async function checkRedisSettings(
  redis: RedisConnection,
  warn: (text: string) => void,
): Promise<void> {
  const setting = async (name: string) => {
    try {
      const [, value] = (await redis.config("GET", name)) as [string, string];
      return value;
    } catch (error) {
      warn(`cannot read Redis's ${name} (${error instanceof Error ? error.message : error})`);
      return undefined;
    }
  };
  const policy = await setting("maxmemory-policy");
  if (policy !== undefined && policy !== "noeviction") {
    throw new Error(
      `Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction, jobs are no cache`,
    );
  }
  if ((await setting("appendonly")) === "no") {
    warn("Redis keeps no append-only file: after its restart all jobs are fed again from Postgres");
  }
}
