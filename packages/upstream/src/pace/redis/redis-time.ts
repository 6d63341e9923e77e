/** Redis' clock as seen from this process, microseconds since the epoch. */
export type RedisTime = {
  /** Redis said `redisUs` somewhere between the two local times (monotonic milliseconds). */
  observe(redisUs: number, sentAt: number, receivedAt: number): void;
  /** Redis' time now, best estimate; rather too early than too late. */
  nowUs(): number;
  /** Time from now until `redisUs`, milliseconds. */
  msUntil(redisUs: number): number;
};

/** A sample is forgotten after 5 to 10 s, so that drifting clocks stay within a millisecond. */
const windowMs = 5_000;

/**
 * Follows Redis' clock by the replies. A reply proves that the offset lies between `redis - received`
 * and `redis - sent`; the greatest lower bound of the last seconds is the tightest that is never
 * early, even when single replies lay in the socket while the event loop was busy. Before the
 * first reply the wall clock stands in.
 */
export function createRedisTime(now: () => number): RedisTime {
  let offsetUs = performance.timeOrigin * 1000;
  let current = Number.NEGATIVE_INFINITY;
  let previous = Number.NEGATIVE_INFINITY;
  let windowStart = now();

  const nowUs = () => Math.floor(now() * 1000 + offsetUs);
  return {
    nowUs,
    msUntil: (redisUs) => (redisUs - nowUs()) / 1000,
    observe(redisUs, sentAt, receivedAt) {
      if (receivedAt - windowStart > windowMs) {
        previous = receivedAt - windowStart > 2 * windowMs ? Number.NEGATIVE_INFINITY : current;
        current = Number.NEGATIVE_INFINITY;
        windowStart = receivedAt;
      }
      current = Math.max(current, redisUs - receivedAt * 1000);
      const highest = redisUs - sentAt * 1000;
      if (Math.max(current, previous) > highest) {
        // Redis' clock went back: what earlier replies proved holds no more.
        current = redisUs - receivedAt * 1000;
        previous = Number.NEGATIVE_INFINITY;
      }
      offsetUs = Math.max(current, previous);
    },
  };
}
