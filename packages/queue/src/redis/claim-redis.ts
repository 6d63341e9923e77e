import type { RedisConnection } from "./redis.ts";

const ownerKey = "{ilgam}:owner";

/**
 * Signs a Redis database with the installation's id. Two installations on one would take each
 * other's deliveries and, after every restart of one of them, feed Redis anew.
 * @throws Error when another installation has signed it.
 */
export async function claimRedis(redis: RedisConnection, installationId: string): Promise<void> {
  await redis.set(ownerKey, installationId, "NX");
  const owner = await redis.get(ownerKey);
  if (owner === installationId || owner === null) return;
  throw new Error(
    "this Redis database belongs to another Ilgam installation (its Postgres is another one): " +
      "give this one another Redis (one that is no Cluster has other databases too, as in " +
      "REDIS_URL=redis://host:6379/1), or, if that " +
      `installation is gone, run: redis-cli DEL "${ownerKey}"`,
  );
}
