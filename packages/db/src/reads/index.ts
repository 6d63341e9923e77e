import type { Pool } from "../pool.ts";
import { type Backlog, countBacklog } from "./backlog.ts";
import {
  type BatchCounts,
  type BatchRow,
  countBatchJobs,
  findBatch,
  listBatches,
} from "./batches.ts";
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
import { countByKind, type LastHour, type StatusCount, summarizeLastHour } from "./kind-stats.ts";
import {
  findTargets,
  type JobFilter,
  type JobTarget,
  type Keyset,
  listJobs,
  matchJobs,
} from "./list-jobs.ts";
import { createPrisma } from "./prisma.ts";
import { countQueues, type QueueCounts } from "./queue-counts.ts";
import {
  completionIntervalMs,
  countBefore,
  exactPlaces,
  type PlaceSample,
  samplePlaces,
} from "./queue-place.ts";

export { pendingMigrations } from "./pending-migrations.ts";
export type {
  AttemptRow,
  Backlog,
  BatchCounts,
  BatchRow,
  EventRow,
  JobDetail,
  JobFilter,
  JobRow,
  JobTarget,
  Keyset,
  LastHour,
  PlaceSample,
  QueueCounts,
  ResultRow,
  StatusCount,
  TenantScope,
};
export { countBacklog, exactPlaces };

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
    /** Due jobs before this one in its queue; exact below `exactPlaces`, which is the most. */
    countBefore(job: { id: string; queue: string; virtualStart: number }): Promise<number>;
  };
  batches: {
    find(scope: TenantScope, id: string): Promise<BatchRow | undefined>;
    list(
      scope: TenantScope,
      filter: { kind?: string | undefined },
      page: Page,
    ): Promise<BatchRow[]>;
    counts(scope: TenantScope, batchIds: readonly string[]): Promise<Map<string, BatchCounts>>;
  };
  kinds: {
    countByStatus(): Promise<StatusCount[]>;
    lastHour(): Promise<LastHour[]>;
    completionIntervalMs(kind: string): Promise<number | null>;
  };
  queues: {
    counts(): Promise<QueueCounts[]>;
    backlog(queue: string): Promise<Backlog>;
    /** Every 100th of the first 10,000 due jobs. Dear: ask once for many. */
    samplePlaces(queue: string): Promise<PlaceSample[]>;
  };
};

/** The reads over a pool. Ordinary ones go through Prisma, hot and counting ones are raw SQL. */
export function createReads(pool: Pool): Reads {
  const prisma = createPrisma(pool);
  return {
    jobs: {
      find: (scope, id) => findJob(pool, scope, id),
      list: (scope, filter, page) => listJobs(prisma, scope, filter, page),
      match: (scope, filter, limit) => matchJobs(prisma, scope, filter, limit),
      targets: (scope, ids) => findTargets(prisma, scope, ids),
      result: (scope, jobId, run) => findResult(pool, scope, jobId, run),
      events: (scope, jobId, page) => listEvents(pool, scope, jobId, page),
      attempts: (scope, jobId) => listAttempts(pool, scope, jobId),
      countBefore: (job) => countBefore(pool, job),
    },
    batches: {
      find: (scope, id) => findBatch(prisma, scope, id),
      list: (scope, filter, page) => listBatches(prisma, scope, filter, page),
      counts: (scope, batchIds) => countBatchJobs(prisma, scope, batchIds),
    },
    kinds: {
      countByStatus: () => countByKind(pool),
      lastHour: () => summarizeLastHour(pool),
      completionIntervalMs: (kind) => completionIntervalMs(pool, kind),
    },
    queues: {
      counts: () => countQueues(pool),
      backlog: (queue) => countBacklog(pool, queue),
      samplePlaces: (queue) => samplePlaces(pool, queue),
    },
  };
}
