import type { QueueSettings } from "@ilgam/db";
import type { Queue } from "bullmq";

/**
 * Brings what is in force for a queue to BullMQ.
 * The pause comes last: resuming wakes the workers, who then find the new limits.
 */
export async function applySettings(queue: Queue, { inForce }: QueueSettings): Promise<void> {
  const { globalConcurrency, rate, paused } = inForce;
  await (globalConcurrency === null
    ? queue.removeGlobalConcurrency()
    : queue.setGlobalConcurrency(globalConcurrency));
  const before = await queue.getGlobalRateLimit();
  if (before?.max !== rate?.max || before?.duration !== rate?.durationMs) {
    await (rate === null
      ? queue.removeGlobalRateLimit()
      : queue.setGlobalRateLimit(rate.max, rate.durationMs));
    // What the old rate had counted would hold up the new one until the old duration is over.
    await queue.removeRateLimitKey();
  }
  await (paused ? queue.pause() : queue.resume());
}
