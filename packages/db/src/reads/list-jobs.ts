import type { JobStatus, Priority } from "@ilgam/contracts";
import { answered, type Prisma } from "../connection/prisma.ts";
import type { Prisma as Types } from "../generated/client.ts";
import type { JobRow, TenantScope } from "./job-row.ts";
import { usageOf } from "./usage.ts";

/** Which jobs; absent conditions do not restrict. */
export type JobFilter = {
  kind?: string | undefined;
  /** Left out when no kind is named. */
  exceptKinds?: readonly string[] | undefined;
  statuses?: readonly JobStatus[] | undefined;
  /** Ended with this error. */
  errorCode?: string | undefined;
  batchId?: string | undefined;
  tag?: string | undefined;
  /** From this moment on; `createdBefore` is exclusive. */
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
};

/** A row's place in a listing, newest first. */
export type Keyset = { createdAt: Date; id: string };

const select = {
  id: true,
  tenantId: true,
  kind: true,
  queue: true,
  status: true,
  priority: true,
  progress: true,
  step: true,
  run: true,
  attempt: true,
  maxAttempts: true,
  createdAt: true,
  runAt: true,
  expiresAt: true,
  startedAt: true,
  finishedAt: true,
  cancelRequestedAt: true,
  error: true,
  batchId: true,
  position: true,
  tags: true,
  metadata: true,
  callbackUrl: true,
  waitReason: true,
  heldSince: true,
  tokens: true,
  unpricedTokens: true,
  cost: true,
} satisfies Types.JobSelect;

/** The condition "in the scope". */
export function tenantIn(scope: TenantScope) {
  return scope === null ? {} : { tenantId: scope };
}

function whereOf(scope: TenantScope, filter: JobFilter): Types.JobWhereInput {
  const { kind, exceptKinds = [], statuses, batchId, tag, createdAfter, createdBefore } = filter;
  const { errorCode } = filter;
  const ofKind = kind ?? (exceptKinds.length > 0 ? { notIn: [...exceptKinds] } : undefined);
  return {
    ...tenantIn(scope),
    ...(ofKind === undefined ? {} : { kind: ofKind }),
    ...(statuses === undefined ? {} : { status: { in: [...statuses] } }),
    ...(batchId === undefined ? {} : { batchId }),
    ...(tag === undefined ? {} : { tags: { has: tag } }),
    ...(errorCode === undefined ? {} : { error: { path: ["code"], equals: errorCode } }),
    createdAt: {
      ...(createdAfter ? { gte: createdAfter } : {}),
      ...(createdBefore ? { lt: createdBefore } : {}),
    },
  };
}

/**
 * The condition "behind this row": the first part lets the index (tenant, created_at, id) be used,
 * which Postgres does not see in an OR.
 */
export function behind(scope: TenantScope, after: Keyset | undefined) {
  if (!after) return {};
  const { createdAt, id } = after;
  if (scope === null) return { id: { lt: id } };
  return {
    AND: [
      { createdAt: { lte: createdAt } },
      { OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }] },
    ],
  };
}

/**
 * Newest first. Over all tenants by the id, which is time-ordered too: no index has their creation
 * without the tenant, and one more would be paid by every submission.
 */
export function newestFirst(scope: TenantScope) {
  const byId = { id: "desc" } as const;
  return scope === null ? [byId] : [{ createdAt: "desc" } as const, byId];
}

/** One page of the scope's jobs, newest first, behind `after`. */
export async function listJobs(
  prisma: Prisma,
  scope: TenantScope,
  filter: JobFilter,
  page: { limit: number; after?: Keyset | undefined },
): Promise<JobRow[]> {
  const rows = await answered(
    prisma.job.findMany({
      where: { ...whereOf(scope, filter), ...behind(scope, page.after) },
      orderBy: newestFirst(scope),
      take: page.limit,
      select,
    }),
  );
  return rows.map(({ tokens, unpricedTokens, cost, ...row }) => {
    const usage = usageOf({ tokens, unpricedTokens, cost });
    // The columns' checks and the writers' types hold what Prisma's schema cannot say.
    return { ...row, usage } as unknown as JobRow;
  });
}

/** How many jobs match, and the first `limit` of their ids, oldest first. */
export async function matchJobs(
  prisma: Prisma,
  scope: TenantScope,
  filter: JobFilter,
  limit: number,
): Promise<{ matched: number; ids: string[] }> {
  const where = whereOf(scope, filter);
  const [matched, rows] = await Promise.all([
    answered(prisma.job.count({ where })),
    answered(
      prisma.job.findMany({
        where,
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        take: limit,
        select: { id: true },
      }),
    ),
  ]);
  return { matched, ids: rows.map((row) => row.id) };
}

/** Whose a job is and where it stands: what is needed to change it. */
export type JobTarget = { id: string; tenantId: string; queue: string; priority: Priority };

/** The scope's jobs among `ids`, oldest first. */
export async function findTargets(
  prisma: Prisma,
  scope: TenantScope,
  ids: readonly string[],
): Promise<JobTarget[]> {
  const rows = await answered(
    prisma.job.findMany({
      where: { ...tenantIn(scope), id: { in: [...ids] } },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      select: { id: true, tenantId: true, queue: true, priority: true },
    }),
  );
  return rows.map((row) => ({ ...row, priority: row.priority as Priority }));
}
