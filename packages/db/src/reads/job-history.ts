import type { JobError } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import type { TenantScope } from "./job-row.ts";

/** The history carries no tenant: its job does. Raw: Prisma's schema has no relation between them. */
const inScope = (table: string, scope: string) => `EXISTS (SELECT 1 FROM jobs j
  WHERE j.id = ${table}.job_id AND (${scope}::text IS NULL OR j.tenant_id = ${scope}))`;

export type ResultRow = { run: number; output: unknown; createdAt: Date };

/** What the run of a job in the scope gave, or undefined while or because it gave nothing. */
export async function findResult(
  sql: Sql,
  scope: TenantScope,
  jobId: string,
  run: number,
): Promise<ResultRow | undefined> {
  const [row] = await sql.query<ResultRow>(
    `SELECT run, output, created_at AS "createdAt" FROM job_results r
     WHERE job_id = $1 AND run = $2 AND ${inScope("r", "$3")}`,
    [jobId, run, scope],
  );
  return row;
}

export type EventRow = { seq: number; run: number; type: string; data: unknown; at: Date };

/** Events of a job in the scope behind `afterSeq`, in their order. */
export function listEvents(
  sql: Sql,
  scope: TenantScope,
  jobId: string,
  page: { afterSeq: number; limit: number },
): Promise<EventRow[]> {
  return sql.query<EventRow>(
    `SELECT seq, run, type, data, at FROM job_events e
     WHERE job_id = $1 AND seq > $2 AND ${inScope("e", "$3")} ORDER BY seq LIMIT $4`,
    [jobId, page.afterSeq, scope, page.limit],
  );
}

export type AttemptRow = {
  run: number;
  epoch: number;
  attempt: number;
  workerId: string | null;
  startedAt: Date;
  endedAt: Date;
  outcome: string;
  error: JobError | null;
  tokens: number | null;
  /** Of the tokens, those whose model has no price; null in rows of before they were counted. */
  unpricedTokens: number | null;
  /** Null: nothing was spent, or nothing of it has a price. */
  cost: number | null;
  models: string[];
};

/** Every ended attempt of a job in the scope, of all its runs, in their order. */
export function listAttempts(sql: Sql, scope: TenantScope, jobId: string): Promise<AttemptRow[]> {
  return sql.query<AttemptRow>(
    `SELECT run, epoch, attempt, worker_id AS "workerId", started_at AS "startedAt",
       ended_at AS "endedAt", outcome, error, tokens, unpriced_tokens AS "unpricedTokens",
       cost::float8 AS cost, coalesce(models, '{}') AS models
     FROM job_attempts a WHERE job_id = $1 AND ${inScope("a", "$2")} ORDER BY epoch`,
    [jobId, scope],
  );
}
