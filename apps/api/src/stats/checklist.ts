import { type Language, message } from "@ilgam/contracts";
import { z } from "zod";
import type { ChecklistLimits } from "./checklist-env.ts";

const Finding = z.object({
  /** The queue, kind, process or provider key. */
  subject: z.string(),
  /** Null when there is nothing to measure. */
  value: z.number().nullable(),
  ok: z.boolean(),
});
type Finding = z.infer<typeof Finding>;

const names = [
  "queue_size",
  "processing_minutes",
  "failure_rate",
  "memory",
  "upstream_quota",
] as const;

export const ChecklistItem = z
  .object({
    name: z.enum(names),
    /** Of the subject that is worst off. */
    value: z.number().nullable(),
    /** `value` has to be below it. */
    limit: z.number(),
    unit: z.enum(["jobs", "minutes", "percent", "MB"]),
    ok: z.boolean(),
    subject: z.string().nullable(),
    /** One sentence for people. */
    message: z.string(),
    all: z.array(Finding),
  })
  .meta({ id: "ChecklistItem" });
export type ChecklistItem = z.infer<typeof ChecklistItem>;

type Measured = { subject: string; value: number | null };

/** What is measured; numbers in the items' units. */
export type ChecklistFacts = {
  queueSizes: Measured[];
  processingMinutes: Measured[];
  failurePercents: Measured[];
  memoryMb: Measured[];
  /** Share of the day's quota; a key that its provider has closed for longer is spent. Null: Redis is away. */
  quotaPercents: (Measured & { closed: boolean })[] | null;
};

/** The items in their order. */
export function checklistOf(
  facts: ChecklistFacts,
  limits: ChecklistLimits,
  language: Language,
): ChecklistItem[] {
  const below = (limit: number, of: Measured[]): Finding[] =>
    of.map(({ subject, value }) => ({ subject, value, ok: value === null || value < limit }));
  const { queueSize, processingMinutes, failurePercent, memoryMb, quotaPercent } = limits;
  const quotas = facts.quotaPercents ?? [];
  const item = (
    name: ChecklistItem["name"],
    unit: ChecklistItem["unit"],
    limit: number,
    all: Finding[],
  ) => itemOf({ name, unit, limit, all }, language);
  const quota = item(
    "upstream_quota",
    "percent",
    quotaPercent,
    below(quotaPercent, quotas).map((finding, at) => ({
      ...finding,
      ok: finding.ok && !quotas[at]?.closed,
    })),
  );
  return [
    item("queue_size", "jobs", queueSize, below(queueSize, facts.queueSizes)),
    item(
      "processing_minutes",
      "minutes",
      processingMinutes,
      below(processingMinutes, facts.processingMinutes),
    ),
    item("failure_rate", "percent", failurePercent, below(failurePercent, facts.failurePercents)),
    item("memory", "MB", memoryMb, below(memoryMb, facts.memoryMb)),
    facts.quotaPercents === null
      ? { ...quota, ok: false, message: message("checklist_upstream_quota_unknown", language) }
      : quota,
  ];
}

type Parts = Pick<ChecklistItem, "name" | "unit" | "limit" | "all">;

function itemOf({ name, unit, limit, all }: Parts, language: Language): ChecklistItem {
  // Not in order before all else, then the highest.
  const [worst] = all.toSorted(
    (a, b) => Number(a.ok) - Number(b.ok) || (b.value ?? -1) - (a.value ?? -1),
  );
  const { ok = true, value = null, subject = null } = worst ?? {};
  const key = value === null && ok ? "none" : ok ? "ok" : "bad";
  const values = { subject: subject ?? "", value: value ?? 0, limit };
  return {
    ...{ name, value, limit, unit, ok, subject },
    message: message(`checklist_${name}_${key}`, language, values),
    all,
  };
}
