import type { JobStatus } from "@ilgam/contracts";
import type { TenantScope } from "./job-row.ts";
import { behind, type Keyset, newestFirst, tenantIn } from "./list-jobs.ts";
import { type Prisma, read } from "./prisma.ts";

export type BatchRow = {
  id: string;
  publicId: string;
  tenantId: string;
  kind: string;
  total: number;
  metadata: unknown;
  createdAt: Date;
  cancelledAt: Date | null;
  finishedAt: Date | null;
};

export type BatchCounts = Record<JobStatus, number>;

const select = {
  id: true,
  publicId: true,
  tenantId: true,
  kind: true,
  total: true,
  metadata: true,
  createdAt: true,
  cancelledAt: true,
  finishedAt: true,
} as const;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The scope's batch by its uuid or its public id, or undefined. */
export async function findBatch(
  prisma: Prisma,
  scope: TenantScope,
  id: string,
): Promise<BatchRow | undefined> {
  const where = uuid.test(id) ? { OR: [{ id }, { publicId: id }] } : { publicId: id };
  const row = await read(
    prisma.batch.findFirst({ where: { ...where, ...tenantIn(scope) }, select }),
  );
  return row ?? undefined;
}

/** One page of the scope's batches, newest first, behind `after`. */
export function listBatches(
  prisma: Prisma,
  scope: TenantScope,
  filter: { kind?: string | undefined },
  page: { limit: number; after?: Keyset | undefined },
): Promise<BatchRow[]> {
  return read(
    prisma.batch.findMany({
      where: {
        ...tenantIn(scope),
        ...(filter.kind === undefined ? {} : { kind: filter.kind }),
        ...behind(scope, page.after),
      },
      orderBy: newestFirst(scope),
      take: page.limit,
      select,
    }),
  );
}

/** Jobs of each batch by status, those in the scope. */
export async function countBatchJobs(
  prisma: Prisma,
  scope: TenantScope,
  batchIds: readonly string[],
): Promise<Map<string, BatchCounts>> {
  const rows = await read(
    prisma.job.groupBy({
      by: ["batchId", "status"],
      where: { ...tenantIn(scope), batchId: { in: [...batchIds] } },
      _count: { _all: true },
    }),
  );
  const none = { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
  const counts = new Map(batchIds.map((id) => [id, { ...none }]));
  for (const row of rows) {
    const own = counts.get(row.batchId ?? "");
    if (own) own[row.status as JobStatus] = row._count._all;
  }
  return counts;
}
