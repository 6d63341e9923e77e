import { ApiError, type JobStatus } from "@ilgam/contracts";
import type { BatchRow, BatchTally, Reads, TenantScope } from "@ilgam/db";
import { isoOrNull } from "../jobs/to-job-view.ts";
import type { BatchView } from "./schemas.ts";

const none: BatchTally = {
  counts: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
  usage: { tokens: 0, unpricedTokens: 0, costUsd: 0 },
};

/** Open until every job has ended; then as good as its best job. */
function statusOf(finishedAt: Date | null, counts: BatchTally["counts"]): JobStatus {
  if (finishedAt === null) {
    const isBegun = counts.processing + counts.completed + counts.failed > 0;
    return isBegun ? "processing" : "queued";
  }
  if (counts.completed > 0) return "completed";
  return counts.failed > 0 ? "failed" : "cancelled";
}

/** A batch as clients read it. */
export function batchView(
  { tenantId, ...row }: BatchRow,
  { counts, usage }: BatchTally = none,
): BatchView {
  return {
    ...row,
    tenant: tenantId,
    status: statusOf(row.finishedAt, counts),
    counts,
    usage,
    createdAt: row.createdAt.toISOString(),
    cancelledAt: isoOrNull(row.cancelledAt),
    finishedAt: isoOrNull(row.finishedAt),
  };
}

/** @throws ApiError batch_not_found */
export async function readBatch(reads: Reads, scope: TenantScope, id: string): Promise<BatchView> {
  const row = await reads.batches.find(scope, id);
  if (!row) throw new ApiError("batch_not_found");
  const tallies = await reads.batches.tally(scope, [row.id]);
  return batchView(row, tallies.get(row.id));
}
