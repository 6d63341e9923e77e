import { Usage } from "@ilgam/contracts";
import { usageDimensions } from "@ilgam/db";
import { z } from "zod";
import { timestamp } from "../answers.ts";
import { Counts } from "../jobs/schemas.ts";
import { ChecklistItem } from "./checklist.ts";

/** How an upstream provider's pace stands, as whoever reads it from Redis tells it. */
export const PaceView = z
  .object({
    /** The provider key's name. */
    key: z.string(),
    /** Nobody calls before; null while it is open. */
    closedUntil: timestamp.nullable(),
    why: z.string().nullable(),
    nextSlotAt: timestamp,
    usedToday: z.int(),
    /** Calls a day; null when unlimited or not known yet. */
    quota: z.int().nullable(),
  })
  .meta({ id: "Pace" });
export type PaceView = z.infer<typeof PaceView>;

export const KindStats = z
  .object({
    kind: z.string(),
    counts: Counts,
    lastHour: z.object({
      completed: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      /** Failed of all that completed or failed, 0–1; null without any. */
      failureRate: z.number().nullable(),
      averageRunMs: z.number().nullable(),
      averageWaitMs: z.number().nullable(),
    }),
  })
  .meta({ id: "KindStats" });
export type KindStats = z.infer<typeof KindStats>;

export const UsageRow = Usage.extend({
  /** The day, the name of the kind or model, or the id of the set, batch or job. */
  key: z.string(),
  /** Whose set, batch or job it is. */
  tenant: z.string().optional(),
  kind: z.string().optional(),
  /** Attempts that spent something; not for batches and jobs. */
  attempts: z.int().optional(),
}).meta({ id: "UsageRow" });

/** What was spent upstream in the last 30 days, today included. */
export const UsageStats = z
  .object({
    /** Days begin at midnight there. */
    timeZone: z.string(),
    from: z.iso.date(),
    to: z.iso.date(),
    today: Usage,
    total: Usage,
    /** Newest first; days without any are left out. */
    days: z.array(UsageRow),
    kinds: z.array(UsageRow),
    models: z.array(UsageRow),
    /** The ten most expensive of each. */
    sets: z.array(UsageRow),
    batches: z.array(UsageRow),
    jobs: z.array(UsageRow),
  })
  .meta({ id: "UsageStats" });
export type UsageStats = z.infer<typeof UsageStats>;

export const Stats = z
  .object({
    kinds: z.array(KindStats),
    workers: z.object({ alive: z.int(), consuming: z.int(), inHand: z.int() }),
    /** Null when this process does not know them. */
    paces: z.array(PaceView).nullable(),
    checklist: z.array(ChecklistItem),
    /** Null when the sums could not be read. */
    usage: UsageStats.nullable(),
  })
  .meta({ id: "Stats" });

export const UsageQuery = z.object({
  by: z.enum(usageDimensions),
  from: z.iso.date().optional().meta({ description: "First day; default 29 days before `to`." }),
  to: z.iso.date().optional().meta({ description: "Last day; default today." }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export const UsageAnswer = z
  .object({
    by: UsageQuery.shape.by,
    timeZone: z.string(),
    from: z.string(),
    to: z.string(),
    total: Usage,
  })
  .extend({ rows: z.array(UsageRow) })
  .meta({ id: "UsageByDimension" });
