import type { Redis } from "ioredis";

const pingEveryMs = 1_500;
const pingsUnanswered = 2;

/**
 * A half-open connection looks ready and answers nothing, and its commands wait for minutes: the
 * time limit of a command rejects, it does not reconnect. Counted in ticks, not in time, so that a
 * blocked event loop is not taken for a silent network.
 */
export function reconnectWhenSilent(redis: Redis): void {
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
