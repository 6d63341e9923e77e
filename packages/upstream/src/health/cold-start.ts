import type { PaceClock } from "../pace/pace-clock.ts";
import type { RedisTime } from "../pace/redis/redis-time.ts";
import { coldUs, type HealthState } from "./health-state.ts";

/** Over all processes, at once; twice as many after each step. As many faults open a cold key. */
const firstCalls = 3;
const stepUs = 500_000;
/** Calls that take longer than that are not waited for: a probe is made, which is quicker. */
const proveAfterUs = 2 * stepUs;
/** Longer than calls commonly may take: that they failed is heard before others begin. */
const longestUs = 90_000_000;
const askAgainMs = 20;

type Cold = { sinceUs: number; begun: number; canProve: boolean | undefined };

/**
 * The first calls after a quiet time go ahead a few at a time, until one succeeds: into an outage
 * that nobody knows of yet go few calls instead of all. When they take long, a probe may tell in
 * their place; if that is silent too, the others wait until a call has answered or 90 s are over.
 */
export function createColdStart(options: {
  clock: Pick<PaceClock, "sleep">;
  time: Pick<RedisTime, "nowUs">;
  workers: () => number;
  healthOf: (key: string) => HealthState | undefined;
  /** Has one process make a probe, which is told in the key's health; false where there is none. */
  prove: (key: string) => boolean;
}) {
  const { clock, time, workers, healthOf, prove } = options;
  const colds = new Map<string, Cold>();
  const lastOkUs = new Map<string, number>();

  function mayBegin(key: string, { state, ok, probeOkUs }: HealthState): boolean {
    // With one probe or a ramp behind it the ramp counts.
    if (state !== "closed") return true;
    const nowUs = time.nowUs();
    const okUs = Math.max(lastOkUs.get(key) ?? 0, ok.us, probeOkUs);
    if (nowUs - okUs < coldUs) return true;
    let cold = colds.get(key);
    if (!cold || okUs > cold.sinceUs || nowUs - cold.sinceUs > longestUs) {
      cold = { sinceUs: nowUs, begun: 0, canProve: undefined };
      colds.set(key, cold);
    }
    const ageUs = nowUs - cold.sinceUs;
    const steps = Math.floor(ageUs / stepUs);
    const share = Math.max(1, Math.floor(firstCalls / workers()));
    if (cold.begun >= share * 2 ** Math.min(steps, 1) && ageUs >= proveAfterUs) {
      cold.canProve ??= prove(key);
      if (cold.canProve) return false;
    }
    if (cold.begun >= share * 2 ** steps) return false;
    cold.begun += 1;
    return true;
  }

  return {
    async awaitTurn(key: string, signal?: AbortSignal): Promise<void> {
      for (;;) {
        const health = healthOf(key);
        if (!health || mayBegin(key, health)) return;
        await clock.sleep(askAgainMs, signal);
      }
    },
    succeeded(key: string): void {
      lastOkUs.set(key, time.nowUs());
    },
  };
}
