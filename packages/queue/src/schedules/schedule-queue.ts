import { confirmSchedule, type Sql, unmirroredSchedules } from "@ilgam/db";
import type { Queue } from "bullmq";

/** BullMQ queue of the schedules: its jobs only say "look at this schedule now". */
export const scheduleQueueName = "job-schedules";

export type ScheduleTick = { scheduleId: string };

/**
 * Brings schedules that were changed to Redis, as BullMQ's job schedulers; they are the clock that
 * wakes a worker in time, and what Bull Board shows. @throws when Redis is away
 */
export async function mirrorSchedules(sql: Sql, queue: Queue): Promise<void> {
  for (const schedule of await unmirroredSchedules(sql)) {
    const { id, name, pattern, timeZone, enabled } = schedule;
    if (enabled) {
      const data: ScheduleTick = { scheduleId: id };
      await queue.upsertJobScheduler(id, { pattern, tz: timeZone }, { name, data });
    } else await queue.removeJobScheduler(id);
    await confirmSchedule(sql, schedule);
  }
}
