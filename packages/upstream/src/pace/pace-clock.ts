/** The process' own time. Tests may bring another one. */
export type PaceClock = {
  /** Monotonic, milliseconds with fractions. */
  now(): number;
  /** Resolves after about `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: PaceClock = {
  now: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
    });
  },
};

/** Timers are exact to a millisecond or so; the last stretch is watched turn by turn. */
const watchMs = 2;

/**
 * Resolves as soon as `remainingMs()` is 0 or less. It is asked again after every sleep, so it may
 * follow a clock that is still being adjusted.
 */
export async function sleepUntilDone(
  remainingMs: () => number,
  clock: PaceClock,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const left = remainingMs();
    if (left <= 0) return;
    if (left > watchMs) await clock.sleep(left - watchMs, signal);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}
