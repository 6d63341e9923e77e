import { Cluster, type Redis } from "ioredis";
import type { RedisConnection } from "./redis.ts";

/**
 * Refuses a Redis that would throw jobs away under memory pressure or is of another kind than the
 * settings say, and warns without AOF. Of a Cluster each node is looked at, the replicas too: each
 * may be a master tomorrow.
 * @throws Error that names the setting to change.
 */
export async function checkRedisSettings(
  redis: RedisConnection,
  warn: (text: string) => void,
): Promise<void> {
  if (!(redis instanceof Cluster)) {
    await refuseOtherKind(redis);
    return checkNode(redis, "Redis", warn);
  }
  for (const node of redis.nodes()) {
    await checkNode(node, `the Redis at ${node.options.host}:${node.options.port}`, warn);
  }
}

async function refuseOtherKind(redis: Redis): Promise<void> {
  const info = await redis.info("server");
  const kind = /redis_mode:(\w+)/.exec(info)?.[1];
  if (kind === "cluster") {
    throw new Error("this Redis is a node of a Cluster: give REDIS_CLUSTER_NODES, not its address");
  }
  if (kind === "sentinel") {
    throw new Error("this is a Sentinel: give REDIS_SENTINELS and REDIS_SENTINEL_MASTER");
  }
}

async function checkNode(redis: Redis, name: string, warn: (text: string) => void): Promise<void> {
  const setting = async (key: string) => {
    try {
      const [, value] = (await redis.config("GET", key)) as [string, string];
      return value;
    } catch (error) {
      warn(`cannot read ${name}'s ${key} (${error instanceof Error ? error.message : error})`);
      return undefined;
    }
  };
  const policy = await setting("maxmemory-policy");
  if (policy !== undefined && policy !== "noeviction") {
    throw new Error(
      `${name} evicts keys (maxmemory-policy ${policy}): set it to noeviction, jobs are no cache`,
    );
  }
  if ((await setting("appendonly")) === "no") {
    warn(
      `${name} keeps no append-only file: after its restart its jobs are fed again from Postgres`,
    );
  }
}
