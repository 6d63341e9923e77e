import type { Sql } from "../connection/sql.ts";
import { type DispatchableJob, dispatchable, inOrder } from "./dispatchable-job.ts";

/**
 * Takes up to `limit` queued jobs whose check is due, and puts their next check 5 s away, so that
 * no pass looks at them twice while the caller asks Redis. Those that run first come first: after
 * a wipe of Redis it is the tail that does not fit into the window.
 */
export async function takeDueChecks(sql: Sql, limit: number): Promise<DispatchableJob[]> {
  const jobs = await sql.query<DispatchableJob>(
    `WITH l AS MATERIALIZED (
       SELECT id FROM (
         SELECT id FROM jobs WHERE status = 'queued' AND NOT parked AND check_at <= now()
         ORDER BY check_at, virtual_start LIMIT $1) due
       JOIN jobs USING (id)
       -- Once more on the row that is locked: another sweeper may have taken it meanwhile.
       WHERE jobs.status = 'queued' AND NOT jobs.parked AND jobs.check_at <= now()
       ORDER BY id FOR UPDATE OF jobs
     )
     UPDATE jobs SET check_at = greatest(now() + interval '5 s', run_at - interval '30 s') FROM l
     WHERE jobs.id = l.id AND jobs.status = 'queued'
     RETURNING ${dispatchable}`,
    [limit],
  );
  return inOrder(jobs);
}

/** Redis knows these: look again in a minute, or soon after they were due. */
export async function confirmMirrored(sql: Sql, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET check_at = greatest(check_at, CASE
       WHEN run_at > now() THEN run_at + interval '2 s' ELSE now() + interval '60 s' END) FROM l
     WHERE jobs.id = l.id`,
    [ids],
  );
}

/** Redis does not know these: a new generation for each that is still queued. */
export async function nextDispatch(sql: Sql, ids: string[]): Promise<DispatchableJob[]> {
  if (ids.length === 0) return [];
  const jobs = await sql.query<DispatchableJob>(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET dispatch = dispatch + 1 FROM l WHERE jobs.id = l.id
     RETURNING ${dispatchable}`,
    [ids],
  );
  return inOrder(jobs);
}

/** The add of these failed: look at once at those that should stand in Redis (due in 60 s). */
export async function checkNow(sql: Sql, ids: string[]): Promise<void> {
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET check_at = now() FROM l
     WHERE jobs.id = l.id AND jobs.run_at <= now() + interval '60 s'`,
    [ids],
  );
}

const recheckPage = 20_000;

/**
 * Redis was wiped or restarted: everything of these queues that should stand in it is looked at now,
 * what runs first first. In pages, because one statement over a large backlog would outlast the query's time limit
 * in every sweep, and nothing would ever be fed again.
 * @param tenantId only this tenant's jobs; null: all.
 */
export async function checkEverything(
  sql: Sql,
  queues: readonly string[],
  tenantId: string | null = null,
): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await sql.query(
      `WITH page AS (SELECT id FROM jobs WHERE status = 'queued' AND NOT parked
         AND check_at > now() AND run_at < now() + interval '60 s' AND queue = ANY($2)
         AND ($3::text IS NULL OR tenant_id = $3)
         ORDER BY virtual_start, id LIMIT $1
       ), l AS MATERIALIZED (
         SELECT jobs.id FROM jobs JOIN page USING (id) ORDER BY jobs.id FOR UPDATE OF jobs
       )
       UPDATE jobs SET check_at = now() FROM l
       WHERE jobs.id = l.id AND jobs.status = 'queued' RETURNING 1`,
      [recheckPage, queues, tenantId],
    );
    count += rows.length;
    // A page that others have meanwhile emptied in part is no reason to go on for ever.
    if (rows.length < recheckPage / 2) return count;
  }
}
