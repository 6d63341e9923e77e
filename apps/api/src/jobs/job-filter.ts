import type { JobStatus } from "@ilgam/contracts";
import type { JobFilter, Reads } from "@ilgam/db";

/** The conditions for the reads; undefined when they name a batch that is not there. */
export async function jobFilterOf(
  { reads }: { reads: Reads },
  tenantId: string,
  asked: {
    kind?: string | undefined;
    status?: JobStatus | undefined;
    batch?: string | undefined;
    tag?: string | undefined;
    createdAfter?: string | undefined;
    createdBefore?: string | undefined;
  },
): Promise<JobFilter | undefined> {
  const { kind, status, batch, tag, createdAfter, createdBefore } = asked;
  const found = batch === undefined ? undefined : await reads.batches.find(tenantId, batch);
  if (batch !== undefined && !found) return undefined;
  return {
    kind,
    tag,
    statuses: status === undefined ? undefined : [status],
    batchId: found?.id,
    createdAfter: createdAfter === undefined ? undefined : new Date(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : new Date(createdBefore),
  };
}
