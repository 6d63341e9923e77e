import { z } from "zod";

/** Where Redis is. Holds passwords: never shown and never logged. */
export type RedisSettings = { mode: "single"; url: string };

const needed = "is not set: give the address of Redis, redis://host:6379";

/** Reads `redis` from the variables of a process; put it beside its other ones with `.and`. */
export const RedisEnv = z
  .object({ REDIS_URL: z.string({ error: needed }).min(1) })
  .transform(({ REDIS_URL }): { redis: RedisSettings } => ({
    redis: { mode: "single", url: REDIS_URL },
  }));
