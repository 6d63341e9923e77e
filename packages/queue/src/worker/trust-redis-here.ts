import { installationId } from "@ilgam/db";
import { checkRedisSettings } from "../redis/check-redis.ts";
import { claimRedis } from "../redis/claim-redis.ts";
import type { RedisConnection } from "../redis/redis.ts";
import { trustRedis } from "../redis/trust-redis.ts";
import type { WorkersOptions } from "./worker-options.ts";

/** An absent Redis is waited for a little; one that would throw jobs away, or is another's, is refused. */
export async function trustRedisHere(
  redis: RedisConnection,
  {
    db,
    onEvent = () => undefined,
    onRecycle,
  }: Pick<WorkersOptions, "db" | "onEvent" | "onRecycle">,
) {
  const warn = (text: string) => onEvent({ type: "warning", text });
  if (redis.status !== "ready") {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 2_000);
      redis.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  if (redis.status !== "ready") {
    warn("Redis does not answer: jobs are accepted, and run when it is there");
  }
  return trustRedis({
    redis,
    check: async () => {
      await checkRedisSettings(redis, warn);
      await claimRedis(redis, await installationId(db.sql));
    },
    onWrong: (error) => {
      warn(`this Redis cannot be used, so this process ends: ${error.message}`);
      onRecycle?.();
    },
    onError: (error) => onEvent({ type: "redis_error", error }),
  });
}
