import { z } from "zod";
import { JobError } from "./job-view.ts";
import { type MessageKey, message } from "./messages.ts";
import { Priority } from "./priority.ts";
import { TimeZone } from "./time-window.ts";

const timestamp = z.iso.datetime();
const fields = {
  /** Unique among the tenant's. */
  name: z.string().trim().min(1).max(100),
  input: z.unknown(),
  priority: Priority,
  tags: z.array(z.string().min(1).max(100)).max(20),
  /** Cron: minute hour day month weekday, or with the second first. */
  pattern: z.string().trim().min(1).max(200),
  timeZone: TimeZone,
  enabled: z.boolean(),
};

/** `POST /v1/schedules`. */
export const ScheduleSubmission = z
  .strictObject({
    ...fields,
    kind: z.string().min(1).max(100),
    priority: fields.priority.default("normal"),
    tags: fields.tags.default([]),
    enabled: fields.enabled.default(true),
  })
  .meta({ id: "ScheduleSubmission" });
export type ScheduleSubmission = z.infer<typeof ScheduleSubmission>;

const empty = "patch_empty" satisfies MessageKey;

/** `PATCH /v1/schedules/:id`: what is not named stays; the kind cannot change. */
export const SchedulePatch = z
  .strictObject(fields)
  .partial()
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), {
    error: message(empty, "en"),
    params: { message: empty },
  })
  .meta({ id: "SchedulePatch" });
export type SchedulePatch = z.infer<typeof SchedulePatch>;

export const ScheduleView = z
  .object({
    id: z.uuid(),
    /** Whose it is. */
    tenant: z.string(),
    ...fields,
    kind: z.string(),
    timeZone: z.string(),
    /** Planned time of the next job; null while disabled. */
    nextAt: timestamp.nullable(),
    /** Planned time of the last job. */
    lastAt: timestamp.nullable(),
    lastJobId: z.uuid().nullable(),
    /** Why the last planned time made no job. */
    lastError: JobError.nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: "Schedule" });
export type ScheduleView = z.infer<typeof ScheduleView>;
