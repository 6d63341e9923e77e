import type { JobStatus, Usage } from "@ilgam/contracts";
import { answered, type Prisma } from "../connection/prisma.ts";
import type { TenantScope } from "./job-row.ts";
import { behind, type Keyset, newestFirst, tenantIn } from "./list-jobs.ts";
import { sumUsage, usageOf } from "./usage.ts";

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

/** Its jobs by status, and what they spent together. */
export type BatchTally = { counts: Record<JobStatus, number>; usage: Usage };

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
  const row = await answered(
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
  return answered(
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

/** The jobs of each batch, those in the scope, added up. */
export async function tallyBatches(
  prisma: Prisma,
  scope: TenantScope,
  batchIds: readonly string[],
): Promise<Map<string, BatchTally>> {
  const rows = await answered(
    prisma.job.groupBy({
      by: ["batchId", "status"],
      where: { ...tenantIn(scope), batchId: { in: [...batchIds] } },
      _count: { _all: true },
      _sum: { tokens: true, unpricedTokens: true, cost: true },
    }),
  );
  return new Map(
    batchIds.map((id) => {
      const own = rows.filter(({ batchId }) => batchId === id);
      const counts = { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
      for (const row of own) counts[row.status as JobStatus] = row._count._all;
      return [id, { counts, usage: sumUsage(own.map(({ _sum }) => usageOf(_sum))) }];
    }),
  );
}
