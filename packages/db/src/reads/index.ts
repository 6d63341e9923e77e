import type { Usage } from "@ilgam/contracts";
import type { Pool } from "../connection/pool.ts";
import { prismaOf } from "../connection/prisma.ts";
import { type Backlog, countBacklog } from "./backlog.ts";
import { type BatchRow, type BatchTally, findBatch, listBatches, tallyBatches } from "./batches.ts";
import { findJob } from "./find-job.ts";
import {
  type AttemptRow,
  type EventRow,
  findResult,
  listAttempts,
  listEvents,
  type ResultRow,
} from "./job-history.ts";
import type { JobDetail, JobRow, TenantScope } from "./job-row.ts";
import {
  countByKind,
  type LastHour,
  longestProcessing,
  type StatusCount,
  summarizeLastHour,
} from "./kind-stats.ts";
import {
  findTargets,
  type JobFilter,
  type JobTarget,
  type Keyset,
  listJobs,
  matchJobs,
} from "./list-jobs.ts";
import { countQueues, type QueueCounts } from "./queue-counts.ts";
import { completionIntervalMs } from "./queue-place.ts";
import {
  listUsage,
  totalUsage,
  type UsageBy,
  type UsageRow,
  type UsageWindow,
  usageDimensions,
} from "./usage-sums.ts";

export { pendingMigrations } from "./pending-migrations.ts";
export { createPositions } from "./positions.ts";
export { remember } from "./remember.ts";
export type {
  AttemptRow,
  Backlog,
  BatchRow,
  BatchTally,
  EventRow,
  JobDetail,
  JobFilter,
  JobRow,
  JobTarget,
  Keyset,
  LastHour,
  QueueCounts,
  ResultRow,
  StatusCount,
  TenantScope,
  UsageBy,
  UsageRow,
  UsageWindow,
};
export { countBacklog, usageDimensions };

export type Page = { limit: number; after?: Keyset | undefined };

/**
 * Everything that is read for people and operators. All that names a scope sees that tenant only;
 * every verb throws `Unavailable` when Postgres is away.
 */
export type Reads = {
  jobs: {
    find(scope: TenantScope, id: string): Promise<JobDetail | undefined>;
    list(scope: TenantScope, filter: JobFilter, page: Page): Promise<JobRow[]>;
    /** How many match, and the ids of the oldest `limit`. */
    match(
      scope: TenantScope,
      filter: JobFilter,
      limit: number,
    ): Promise<{ matched: number; ids: string[] }>;
    targets(scope: TenantScope, ids: readonly string[]): Promise<JobTarget[]>;
    result(scope: TenantScope, jobId: string, run: number): Promise<ResultRow | undefined>;
    events(
      scope: TenantScope,
      jobId: string,
      page: { afterSeq: number; limit: number },
    ): Promise<EventRow[]>;
    attempts(scope: TenantScope, jobId: string): Promise<AttemptRow[]>;
  };
  batches: {
    find(scope: TenantScope, id: string): Promise<BatchRow | undefined>;
    list(
      scope: TenantScope,
      filter: { kind?: string | undefined },
      page: Page,
    ): Promise<BatchRow[]>;
    tally(scope: TenantScope, batchIds: readonly string[]): Promise<Map<string, BatchTally>>;
  };
  kinds: {
    countByStatus(): Promise<StatusCount[]>;
    lastHour(): Promise<LastHour[]>;
    longestProcessing(): Promise<{ kind: string; seconds: number }[]>;
    completionIntervalMs(kind: string): Promise<number | null>;
  };
  /** What was spent upstream, of all tenants. */
  usage: {
    by(dimension: UsageBy, window: UsageWindow, limit: number): Promise<UsageRow[]>;
    total(window: UsageWindow): Promise<Usage>;
  };
  queues: {
    counts(): Promise<QueueCounts[]>;
    backlog(queue: string): Promise<Backlog>;
  };
};

/** The reads over a pool. Ordinary ones go through Prisma, hot and counting ones are raw SQL. */
export function createReads(pool: Pool): Reads {
  const prisma = prismaOf(pool);
  return {
    jobs: {
      find: (scope, id) => findJob(pool, scope, id),
      list: (scope, filter, page) => listJobs(prisma, scope, filter, page),
      match: (scope, filter, limit) => matchJobs(prisma, scope, filter, limit),
      targets: (scope, ids) => findTargets(prisma, scope, ids),
      result: (scope, jobId, run) => findResult(pool, scope, jobId, run),
      events: (scope, jobId, page) => listEvents(pool, scope, jobId, page),
      attempts: (scope, jobId) => listAttempts(pool, scope, jobId),
    },
    batches: {
      find: (scope, id) => findBatch(prisma, scope, id),
      list: (scope, filter, page) => listBatches(prisma, scope, filter, page),
      tally: (scope, batchIds) => tallyBatches(prisma, scope, batchIds),
    },
    kinds: {
      countByStatus: () => countByKind(pool),
      lastHour: () => summarizeLastHour(pool),
      longestProcessing: () => longestProcessing(pool),
      completionIntervalMs: (kind) => completionIntervalMs(pool, kind),
    },
    usage: {
      by: (dimension, window, limit) => listUsage(pool, dimension, window, limit),
      total: (window) => totalUsage(pool, window),
    },
    queues: {
      counts: () => countQueues(pool),
      backlog: (queue) => countBacklog(pool, queue),
    },
  };
}
