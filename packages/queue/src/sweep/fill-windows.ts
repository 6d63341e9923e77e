import { type QueueSettings, queuesWithParked, unparkJobs } from "@ilgam/db";
import { refillBelow, windowSize } from "../dispatch/queue-window.ts";
import type { Feeding } from "./feeding.ts";

const pageSize = 1_000;

/**
 * Tops up the windows from the parked jobs, in the order in which they are to run. A parked job that
 * is to run before the last of a full window is let in all the same: a window that never empties
 * would keep it out for good, and one that was taken back from a dead worker would wait for all.
 */
export async function fillWindows(
  { db, dispatcher }: Feeding,
  settings: readonly QueueSettings[],
): Promise<void> {
  const parked = new Set(await queuesWithParked(db.sql));
  const queues = settings.map((one) => one.name).filter((name) => parked.has(name));
  if (queues.length === 0) return;
  const depths = await dispatcher.depths(queues);
  for (const queue of queues) {
    const { waiting = windowSize, lastPriority = 0 } = depths.get(queue) ?? {};
    let room = windowSize - waiting;
    while (room > windowSize - refillBelow) {
      const jobs = await unparkJobs(db.sql, queue, Math.min(room, pageSize));
      if (jobs.length === 0) break;
      await dispatcher.add(jobs);
      room -= jobs.length;
    }
    const epoch = settings.find((one) => one.name === queue)?.priorityEpoch ?? 0;
    await dispatcher.add(await unparkJobs(db.sql, queue, pageSize, epoch + lastPriority));
  }
}
