import { setTimeout as sleep } from "node:timers/promises";
import { TryLater } from "@ilgam/contracts";
import { AiEnv, aiOptionsOf, createAiClient, createPace } from "@ilgam/upstream";
import { Redis } from "ioredis";

/*
 * One worker process of the AI pace's measurement: callers that ask for ever, and wait as a job
 * would when they are snoozed. It reports the slot and the tokens of each call.
 */
const redis = new Redis(process.env.REDIS_URL ?? "", { maxRetriesPerRequest: 1 });
let degraded = 0;
const pace = createPace({
  redis,
  liveWorkers: () => 3,
  onDegraded: () => {
    degraded += 1;
  },
});
const callers = Number(process.env.CALLERS);

async function ask(caller: number): Promise<void> {
  let slotAt = 0;
  let charged = 0;
  const ai = createAiClient({
    ...aiOptionsOf(AiEnv.parse(process.env)),
    paceKey: process.env.PACE_KEY ?? "",
    pace: {
      ...pace,
      async reserve(...args) {
        const admission = await pace.reserve(...args);
        slotAt = admission.slotAt;
        charged = admission.tokens;
        return admission;
      },
    },
  });
  for (let round = 0; ; round += 1) {
    const content = `${process.pid} ${caller} ${round} ${"물음 ".repeat((round * 7) % 40)}`;
    try {
      const { usage } = await ai.chat({ messages: [{ role: "user", content }] });
      process.send?.({ slotAt, charged, used: usage.totalTokens, degraded });
      degraded = 0;
    } catch (error) {
      if (!(error instanceof TryLater)) throw error;
      process.send?.({ putOffMs: error.delayMs });
      await sleep(error.delayMs);
    }
  }
}

// A worker's connection stands long before its first job.
await pace.status("warm-up");
await redis.ping();
await Promise.all(Array.from({ length: callers }, (_, caller) => ask(caller)));
