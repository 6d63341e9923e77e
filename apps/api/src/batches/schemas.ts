import { JobStatus, Usage } from "@ilgam/contracts";
import { z } from "zod";
import { timestamp } from "../answers.ts";
import { Counts } from "../jobs/schemas.ts";

export const BatchParams = z.object({
  id: z.string().meta({ description: "The batch's uuid or its public id." }),
});

export const BatchView = z
  .object({
    id: z.uuid(),
    publicId: z.string(),
    tenant: z.string(),
    kind: z.string(),
    status: JobStatus,
    total: z.int(),
    counts: Counts,
    /** Of all its jobs. */
    usage: Usage,
    metadata: z.unknown(),
    createdAt: timestamp,
    cancelledAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: "Batch" });
export type BatchView = z.infer<typeof BatchView>;

export const BatchPage = z
  .object({ batches: z.array(BatchView), nextCursor: z.string().nullable() })
  .meta({ id: "BatchPage" });
