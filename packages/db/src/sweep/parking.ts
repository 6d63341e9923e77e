import type { Sql } from "../connection/sql.ts";
import { type DispatchableJob, dispatchable, inOrder } from "./dispatchable-job.ts";

/** Leaves jobs in Postgres until their queue's window has room. */
export async function parkJobs(sql: Sql, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       AND run_at <= now() ORDER BY id FOR UPDATE)
     UPDATE jobs SET parked = true FROM l WHERE jobs.id = l.id`,
    [ids],
  );
}

/** Queues that have parked jobs. */
export async function queuesWithParked(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT name FROM queues q WHERE EXISTS (
       SELECT 1 FROM jobs j WHERE j.queue = q.name AND j.status = 'queued' AND j.parked)`,
  );
  return rows.map((row) => row.name);
}

/**
 * Takes the first `limit` parked jobs of a queue out, in the order in which they are to run.
 * @param before only those that are to start before this second of virtual time; default all.
 */
export async function unparkJobs(
  sql: Sql,
  queue: string,
  limit: number,
  before?: number,
): Promise<DispatchableJob[]> {
  const jobs = await sql.query<DispatchableJob>(
    `WITH first AS (
       SELECT id FROM jobs WHERE queue = $1 AND status = 'queued' AND parked
         AND ($3::bigint IS NULL OR virtual_start < $3)
       ORDER BY virtual_start, id LIMIT $2
     ), l AS MATERIALIZED (
       SELECT jobs.id FROM jobs JOIN first USING (id)
       -- Once more on the row that is locked: another sweeper may have taken it meanwhile.
       WHERE jobs.status = 'queued' AND jobs.parked ORDER BY jobs.id FOR UPDATE OF jobs
     )
     UPDATE jobs SET parked = false, check_at = now() + interval '5 s', dispatch = dispatch + 1
     FROM l WHERE jobs.id = l.id AND jobs.status = 'queued'
     RETURNING ${dispatchable}`,
    [queue, limit, before ?? null],
  );
  return inOrder(jobs);
}
