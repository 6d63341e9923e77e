/** Runs work on Redis, or its stand-in while Redis is away. */
export type RedisGate = {
  run<T>(onRedis: () => Promise<T>, alone: () => T): Promise<T>;
};

/** After a failure Redis is left alone for this long, so that an outage costs one wait, not one a call. */
const pauseMs = 500;

export function createRedisGate(options: {
  now: () => number;
  onDegraded: (error: unknown) => void;
}): RedisGate {
  let awayUntil = Number.NEGATIVE_INFINITY;
  let reason: unknown;
  return {
    async run(onRedis, alone) {
      if (options.now() >= awayUntil) {
        try {
          return await onRedis();
        } catch (error) {
          awayUntil = options.now() + pauseMs;
          reason = error;
        }
      }
      options.onDegraded(reason);
      return alone();
    },
  };
}
