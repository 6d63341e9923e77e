import { ApiError, type JobDefinition, message } from "@ilgam/contracts";
import {
  type Database,
  findSchedule,
  isBadRow,
  isUnavailable,
  overdueSchedules,
  type PlannedTime,
  passPlannedTime,
  type ScheduleRow,
  submitAll,
} from "@ilgam/db";
import { ZodError } from "zod";
import type { Submitter } from "../dispatch/submitter.ts";
import { latestTime, nextTime } from "./cron.ts";

/** What a look at a schedule came to. */
export type Fired =
  | { status: "fired"; jobId: string; plannedAt: Date }
  /** Its time passed without a job; the schedule says why. */
  | { status: "refused"; plannedAt: Date }
  /** Another process did it, or somebody changed the schedule at the same moment. */
  | { status: "overtaken" }
  | { status: "not_due"; inMs: number }
  /** Removed, disabled or without a further time. */
  | { status: "idle" }
  /** No kind of this process: one that knows it will do it. */
  | { status: "unknown_kind" };

export type ScheduleFirer = {
  /** Submits the job of the schedule's planned time if that has come. @throws Unavailable */
  fire(id: string, options?: { isSafetyNet: boolean }): Promise<Fired>;
  /** Fires what nobody has fired in time. @throws Unavailable */
  fireOverdue(): Promise<void>;
};

/**
 * Missed by more, planned times are not made up one by one: a night without workers gives one job
 * in the morning.
 */
const madeUpMs = 60_000;
/** The sweeper looks at what the prompt trigger has not done so long after its time. */
const overdueMs = 1_000;

/** Makes the schedules' jobs, one for each planned time over all processes. */
export function createScheduleFirer(options: {
  db: Database;
  submitter: Submitter;
  /** Every kind that this process knows, whether it runs it or not. */
  definitions: readonly JobDefinition[];
  /** A planned time passed without a job. */
  onRefused: (scheduleId: string, error: unknown) => void;
}): ScheduleFirer {
  const { db, submitter, onRefused } = options;
  const definitions = new Map(options.definitions.map((one) => [one.kind, one]));

  async function fire(id: string, { isSafetyNet } = { isSafetyNet: false }): Promise<Fired> {
    const schedule = await findSchedule(db.sql, id, null);
    if (!schedule?.enabled || !schedule.nextAt) return { status: "idle" };
    const inMs = schedule.nextAt.getTime() - schedule.readAt.getTime();
    if (inMs > 0) return { status: "not_due", inMs };
    const definition = definitions.get(schedule.kind);
    if (!definition) return { status: "unknown_kind" };
    const planned = plannedTimes(schedule, schedule.nextAt);
    const time = { id, revision: schedule.revision, ...planned, mirrorAgain: isSafetyNet };
    try {
      return await submitAt(schedule, definition, time);
    } catch (error) {
      // What is wrong with the job itself would be at each look; anything else may pass.
      if (error instanceof ApiError || error instanceof ZodError || isBadRow(error)) {
        return refuse(time, error);
      }
      throw error;
    }
  }

  async function submitAt(
    schedule: ScheduleRow,
    definition: JobDefinition,
    time: Omit<PlannedTime, "jobId" | "error">,
  ): Promise<Fired> {
    const { id: scheduleId, name: scheduleName, tenantId, kind, priority, tags } = schedule;
    const plannedAt = time.doneAt.toISOString();
    const input = definition.payload.parse(schedule.input);
    const metadata = { scheduleId, scheduleName, plannedAt };
    const { submission, announce } = await submitter.prepare({
      ...{ tenantId, kind, jobs: [{ input, priority, tags, metadata }] },
    });
    const jobId = submission.subjectId;
    const isOurs = await db.sql.transaction(async (tx) => {
      const passed = await passPlannedTime(tx, { ...time, jobId, error: null });
      if (passed) await submitAll(tx, [submission]);
      return passed;
    });
    if (!isOurs) return { status: "overtaken" };
    announce();
    return { status: "fired", jobId, plannedAt: time.doneAt };
  }

  async function refuse(
    time: Omit<PlannedTime, "jobId" | "error">,
    cause: unknown,
  ): Promise<Fired> {
    const error = shownError(cause);
    const isOurs = await passPlannedTime(db.sql, { ...time, jobId: null, error });
    if (!isOurs) return { status: "overtaken" };
    onRefused(time.id, cause);
    return { status: "refused", plannedAt: time.doneAt };
  }

  return {
    fire,
    fireOverdue: async () => {
      const failures: unknown[] = [];
      for (const id of await overdueSchedules(db.sql, [...definitions.keys()], overdueMs)) {
        try {
          await fire(id, { isSafetyNet: true });
        } catch (error) {
          if (isUnavailable(error)) throw error;
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** What a client may read of it. */
function shownError(cause: unknown): { code: string; message: string } {
  if (cause instanceof ApiError) {
    return { code: cause.code, message: message(cause.code, "en", cause.values) };
  }
  const code = cause instanceof ZodError ? "invalid_input" : "not_submitted";
  return { code, message: message(`error_${code}`, "en") };
}

function plannedTimes({ pattern, timeZone, readAt }: ScheduleRow, nextAt: Date) {
  const isMissed = readAt.getTime() - nextAt.getTime() > madeUpMs;
  const doneAt = (isMissed && latestTime(pattern, timeZone, readAt)) || nextAt;
  return { nextAt, doneAt, movesTo: nextTime(pattern, timeZone, doneAt) ?? null };
}
