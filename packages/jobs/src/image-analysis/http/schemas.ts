import { Priority } from "@ilgam/contracts";
import { z } from "zod";
import { submissionFields } from "../../submitting/submission-fields.ts";
import { Detail, defaultPrompt, Prompt } from "../contract.ts";

/** What every submission takes beside its file; fields that nobody knows are let be. */
export const SubmissionFields = z.object({
  priority: Priority.default("normal"),
  ...submissionFields,
});
export type SubmissionFields = z.output<typeof SubmissionFields>;

export const AnalysisFields = SubmissionFields.extend({
  prompt: Prompt.default(defaultPrompt),
  detail: Detail.default("auto"),
});

/** Form fields, an empty one as good as none. @throws ZodError */
export function parseFields<Fields extends z.ZodType>(
  schema: Fields,
  fields: Record<string, string>,
): z.output<Fields> {
  const filled = Object.entries(fields).filter(([, value]) => value.trim() !== "");
  return schema.parse(Object.fromEntries(filled));
}

export const TaskAccepted = z
  .object({
    success: z.literal(true),
    message: z.string(),
    task_id: z.uuid(),
    status: z.literal("pending"),
    check_status_url: z.string(),
  })
  .meta({ id: "TaskAccepted" });
export type TaskAccepted = z.infer<typeof TaskAccepted>;

export const TasksAccepted = z
  .object({
    success: z.literal(true),
    batch_id: z.string(),
    /** One for each part, in their order. */
    tasks: z.array(
      z.union([
        z.object({ task_id: z.uuid(), filename: z.string(), check_status_url: z.string() }),
        z.object({ filename: z.string(), error: z.string() }),
      ]),
    ),
  })
  .meta({ id: "TasksAccepted" });
export type TasksAccepted = z.infer<typeof TasksAccepted>;

const timestamp = z.iso.datetime();

const Summary = z
  .object({
    task_id: z.uuid(),
    filename: z.string(),
    status: z.enum(["pending", "processing", "completed", "failed", "cancelled"]),
    progress: z.int().min(0).max(100),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "TaskSummary" });

export const TaskStatusAnswer = z
  .object({
    success: z.literal(true),
    task_status: Summary.extend({
      prompt: z.string().nullable(),
      detail: z.string().nullable(),
      callback_url: z.string().nullable(),
      result: z.unknown().optional(),
      result_file: z.string().optional(),
    }).meta({ id: "Task" }),
  })
  .meta({ id: "TaskStatus" });

export const TaskList = z
  .object({
    success: z.literal(true),
    total_count: z.int(),
    tasks: z.array(Summary),
    /** For the next page; null at the end. */
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "TaskList" });

/** Without a limit everything, as far as one answer may hold. */
export const mostListed = 10_000;

export const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
  cursor: z.string().max(200).optional(),
});

export const TaskParams = z.object({ task_id: z.string().max(200) });

export const Done = z
  .object({ success: z.literal(true), message: z.string() })
  .meta({ id: "TaskDone" });

// Not coerced: an empty value would be 0, and remove everything.
const Hours = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number),
]);

export const CleanUp = z.object({
  max_age_hours: Hours.pipe(z.number().min(0).max(876_000)).optional(),
});

export const CleanedUp = Done.extend({ removed: z.int() }).meta({ id: "TasksCleanedUp" });
