import type { PaceClock } from "../pace/pace-clock.ts";
import type { RedisTime } from "../pace/redis-time.ts";
import type { HealthState } from "./health-state.ts";

/** With no success for so long nobody knows whether the provider works. */
const coldUs = 60_000_000;
/** Over all processes, at once; after each step twice as many more. As many faults open a cold key. */
const firstCalls = 3;
const stepMs = 500;
const askAgainMs = 20;

type Cold = { sinceMs: number; begun: number };

/**
 * The first calls after a quiet time go ahead a few at a time, until one succeeds or some time has
 * passed: into an outage that nobody knows of yet go few calls instead of all.
 */
export function createColdStart(options: {
  clock: PaceClock;
  time: RedisTime;
  workers: () => number;
  healthOf: (key: string) => HealthState | undefined;
}) {
  const { clock, time, workers, healthOf } = options;
  const colds = new Map<string, Cold>();
  const lastOkUs = new Map<string, number>();

  function isProven(key: string, { ok }: HealthState): boolean {
    return time.nowUs() - Math.max(lastOkUs.get(key) ?? 0, ok.us) < coldUs;
  }

  function mayBegin(key: string, health: HealthState): boolean {
    // With one probe or a ramp behind it the ramp counts.
    if (health.state !== "closed" || isProven(key, health)) return true;
    const nowMs = clock.now();
    let cold = colds.get(key);
    if (!cold || (nowMs - cold.sinceMs) * 1000 > coldUs) {
      cold = { sinceMs: nowMs, begun: 0 };
      colds.set(key, cold);
    }
    const steps = Math.floor((nowMs - cold.sinceMs) / stepMs) + 1;
    const share = Math.max(1, Math.floor(firstCalls / workers()));
    if (cold.begun >= share * (2 ** steps - 1)) return false;
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
