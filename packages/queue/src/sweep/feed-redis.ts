import {
  advancePriorityEpoch,
  checkEverything,
  type DispatchableJob,
  forgetMirroredSchedules,
  listQueueSettings,
  takeDueChecks,
} from "@ilgam/db";
import { canaryKeyOf } from "../dispatch/bull-names.ts";
import { scheduleQueueName } from "../schedules/schedule-queue.ts";
import type { Feeding } from "./feeding.ts";
import { fillWindows } from "./fill-windows.ts";
import { mirrorSettings } from "./mirror-settings.ts";
import { beginFeeding, endFeeding, isWiped, type QueueMark, readMarks } from "./queue-marks.ts";
import { repairQueue } from "./repair-queue.ts";

const pageSize = 1_000;

/**
 * Brings Redis up to what Postgres says; throws when Redis is away, having lost nothing. In a
 * Cluster each queue is looked at by itself: one whose master is away waits, the others do not.
 */
export async function feedRedis(feeding: Feeding): Promise<void> {
  const { db, redis, dispatcher, emit } = feeding;
  const names = (await listQueueSettings(db.sql)).map((one) => one.name);
  const all = [...names, scheduleQueueName];
  const marks = await readMarks(redis, all, (error) => emit({ type: "sweep_failed", error }));
  // Read after the marks: older than they are, they would undo a pause that came in between.
  const settings = (await listQueueSettings(db.sql)).filter((one) => marks.has(one.name));
  const emptied = await mirrorSettings({
    ...{ redis, dispatcher, settings, marks },
    beforeEmptying: (queue) => redis.del(canaryKeyOf(queue)),
  });
  const reset = [...marks].filter(
    ([queue, mark]) => names.includes(queue) && (isWiped(mark) || emptied.has(queue)),
  );
  if (reset.length > 0) {
    const queues = reset.map(([queue]) => queue);
    for (const queue of queues) await beginFeeding(redis, queue);
    emit({ type: "redis_reset", queues, rechecked: await checkEverything(db.sql, queues) });
  }
  let page: DispatchableJob[];
  do {
    page = await takeDueChecks(db.sql, pageSize);
    // Those of a queue whose master is away come again in 5 s.
    for (const queue of marks.keys()) {
      await repairQueue(
        feeding,
        queue,
        page.filter((job) => job.queue === queue),
      );
    }
  } while (page.length === pageSize);
  await fillWindows(feeding, settings);
  for (const [queue, mark] of reset) await endFeeding(redis, queue, mark);
  await feedSchedules(feeding, marks.get(scheduleQueueName));
  for (const { name } of settings) await advancePriorityEpoch(db.sql, name);
}

/** Schedules that were changed, and after a wipe all of them. */
async function feedSchedules(
  { db, redis, dispatcher }: Feeding,
  mark: QueueMark | undefined,
): Promise<void> {
  if (!mark) return;
  if (isWiped(mark)) {
    await beginFeeding(redis, scheduleQueueName);
    await forgetMirroredSchedules(db.sql);
  }
  await dispatcher.mirrorSchedules();
  if (isWiped(mark)) await endFeeding(redis, scheduleQueueName, mark);
}
