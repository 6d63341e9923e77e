import type { Sql } from "../connection/sql.ts";

/** A queue whose jobs cannot run, since a service that all of them need is away. */
export type HeldQueue = {
  queue: string;
  /** One sentence, shown as what the jobs wait for. */
  why: string;
};

const page = 500;

/**
 * Writes into due jobs of a held queue that they wait for the service: once for each job, with one
 * event. Those that were snoozed in their turn have it already.
 * @returns how many, at most 500: call again until there are fewer
 */
export async function markHeld(sql: Sql, { queue, why }: HeldQueue): Promise<number> {
  const rows = await sql.query(
    `WITH l AS MATERIALIZED (
       SELECT id FROM jobs WHERE status = 'queued' AND queue = $1 AND run_at <= now()
         AND held_since IS NULL ORDER BY id LIMIT ${page} FOR UPDATE SKIP LOCKED
     ), u AS (
       UPDATE jobs j SET held_since = now(), wait_reason = $2 FROM l WHERE j.id = l.id
       RETURNING j.id, j.run, j.attempt
     ), events AS (
       INSERT INTO job_events (job_id, run, type, data)
       SELECT id, run, 'state', jsonb_build_object('status', 'queued', 'outcome', 'hold', 'why',
         $2::text, 'attempt', attempt) FROM u
     )
     SELECT id FROM u`,
    [queue, why],
  );
  return rows.length;
}

/** The provider is back: who was not claimed meanwhile waits for its turn alone. */
export async function unmarkHeld(sql: Sql, queue: string): Promise<number> {
  const rows = await sql.query(
    `WITH l AS MATERIALIZED (
       SELECT id FROM jobs WHERE status = 'queued' AND queue = $1 AND held_since IS NOT NULL
         AND run_at <= now() ORDER BY id LIMIT ${page} FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs j SET held_since = NULL, wait_reason = NULL FROM l WHERE j.id = l.id
     RETURNING j.id`,
    [queue],
  );
  return rows.length;
}

/** Jobs that wait for a service that is away, by queue. */
export function countHeld(sql: Sql): Promise<{ queue: string; count: number }[]> {
  return sql.query(
    `SELECT queue, count(*)::int AS count FROM jobs
     WHERE status = 'queued' AND held_since IS NOT NULL GROUP BY queue`,
  );
}
