import { z } from "zod";

const below = (fallback: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d{1,3})?$/, {
      error: (issue) => `must be a number above 0, not "${issue.input}"`,
    })
    .transform(Number)
    .pipe(
      z
        .number()
        .gt(0, { error: "must be above 0" })
        .max(most, { error: `must be at most ${most}` }),
    )
    .default(fallback);

/** Days begin at midnight there. The sums are kept by whole hours, so its days must begin with one. */
const dayZone = z.string().refine(
  (name) => {
    try {
      const offset = new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "longOffset" });
      return offset
        .formatToParts(new Date())
        .some(({ type, value }) => type === "timeZoneName" && /^GMT([+-]\d\d:00)?$/.test(value));
    } catch {
      return false;
    }
  },
  {
    error: (issue) =>
      `must be an IANA time zone whole hours from UTC, such as Asia/Seoul, not "${issue.input}"`,
  },
);

/** The limits of the operators' checklist, and the zone of the days that usage is added up by. */
export const ChecklistEnv = z
  .object({
    CHECKLIST_QUEUE_SIZE: below(100, 100_000_000),
    CHECKLIST_PROCESSING_MINUTES: below(30, 100_000),
    CHECKLIST_FAILURE_PERCENT: below(10, 100),
    CHECKLIST_MEMORY_MB: below(1_024, 100_000_000),
    CHECKLIST_QUOTA_PERCENT: below(100, 100),
    USAGE_TIME_ZONE: dayZone.default("Asia/Seoul"),
  })
  .transform((given) => ({
    checklist: {
      queueSize: given.CHECKLIST_QUEUE_SIZE,
      processingMinutes: given.CHECKLIST_PROCESSING_MINUTES,
      failurePercent: given.CHECKLIST_FAILURE_PERCENT,
      memoryMb: given.CHECKLIST_MEMORY_MB,
      quotaPercent: given.CHECKLIST_QUOTA_PERCENT,
    },
    usageTimeZone: given.USAGE_TIME_ZONE,
  }));

/** Each value of the checklist stays below its limit. */
export type ChecklistLimits = z.infer<typeof ChecklistEnv>["checklist"];
