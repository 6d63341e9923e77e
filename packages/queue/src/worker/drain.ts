import type { Worker } from "bullmq";
import type { Executor } from "../execution/executor.ts";

/** Time to give back what ignored the drain: one write. */
const settleMs = 1_000;

/**
 * Ends what the workers have taken: they take no more, and handlers go on for most of `graceMs`; then
 * they are aborted, and what goes on all the same is given back.
 */
export async function drain(
  workers: Worker[],
  executor: Pick<Executor, "close" | "inHand" | "abortAll" | "abandonAborted">,
  graceMs: number,
): Promise<void> {
  const deadline = performance.now() + graceMs;
  await Promise.allSettled(workers.map((worker) => worker.pause(true)));
  executor.close();
  const empty = async (until: number) => {
    while (executor.inHand() > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await empty(deadline - Math.min(5_000, graceMs / 3));
  executor.abortAll("drain");
  await empty(deadline);
  // What is still in progress is given back, or its job would count as one that kills its process.
  executor.abandonAborted();
  await empty(performance.now() + settleMs);
  // Not by force: a delivery that came too late is on its way back into the queue.
  await closeWorkers(workers);
}

/** Releases what BullMQ has in progress; its close waits without end when Redis is away. */
export async function closeWorkers(workers: Worker[]): Promise<void> {
  const closed = Promise.allSettled(workers.map((worker) => worker.close()));
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
}
