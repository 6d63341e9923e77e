import { listQueueSettings, type Sql } from "@ilgam/db";
import type { Worker } from "bullmq";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Executor } from "../execution/executor.ts";
import type { RedisConnection } from "../redis/redis.ts";
import type { QueueHolds } from "../settings/queue-holds.ts";

const patienceMs = 300;

/**
 * Whether this process really takes jobs, asked at each tick of its lease. It does not while it
 * drains, while Redis does not answer it, or when ready jobs of an open queue without a rate wait through two
 * ticks though nobody runs any and this process has nothing in progress.
 */
export function watchConsuming(options: {
  sql: Sql;
  dispatcher: Dispatcher;
  executor: Pick<Executor, "inHand" | "delivered">;
  connection: RedisConnection;
  holds: QueueHolds;
  workers: () => Worker[];
}): () => Promise<boolean> {
  const { sql, dispatcher, executor, connection, holds, workers } = options;
  const isHeld = (queue: string) => holds.heldBy(queue) !== undefined;
  let idleSince: number | undefined;

  async function jobsWaitForNobody(): Promise<boolean> {
    const depths = await dispatcher.depths();
    // With a rate jobs may wait for hours though all is well.
    const held = (await listQueueSettings(sql)).filter(
      ({ inForce }) => inForce.paused || inForce.rate !== null,
    );
    const names = new Set(held.map((one) => one.name));
    return [...depths].some(
      ([queue, depth]) =>
        depth.waiting > 0 && depth.active === 0 && !names.has(queue) && !isHeld(queue),
    );
  }

  async function isIdleTooLong(): Promise<boolean> {
    const before = idleSince;
    const delivered = executor.delivered();
    idleSince = (await jobsWaitForNobody()) && executor.inHand() === 0 ? delivered : undefined;
    return idleSince !== undefined && idleSince === before;
  }

  return async () => {
    const running = workers().every(
      // One whose queue is held would take jobs.
      (worker) => worker.isRunning() && (!worker.isPaused() || isHeld(worker.name)),
    );
    if (workers().length === 0 || !running || connection.status !== "ready") return false;
    // The lease waits for this answer, so a silent Redis must not hold it up.
    const silence = new Promise<boolean>((resolve) =>
      setTimeout(resolve, patienceMs, true).unref(),
    );
    const idle = isIdleTooLong().catch(() => true);
    return !(await Promise.race([idle, silence]));
  };
}
