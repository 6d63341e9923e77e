import type { Sql } from "../connection/sql.ts";

/** Waiting jobs are counted as far as this: it is polled, and no autoscaler tells larger apart. */
const mostCounted = 10_000;

export type Backlog = {
  /** Due and waiting, `mostCounted` at most, and the schedules whose time has come. */
  waiting: number;
  processing: number;
};

/**
 * What is to be done in a queue now. Raw: read off partial indexes every few seconds. Without any
 * worker it is a due schedule that must bring one.
 */
export async function countBacklog(sql: Sql, queue: string): Promise<Backlog> {
  const [row] = await sql.query<Backlog>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM jobs
         WHERE queue = $1 AND status = 'queued' AND run_at <= now() LIMIT ${mostCounted}) due)
         + (SELECT count(*) FROM schedules
           WHERE kind = $1 AND enabled AND next_at <= clock_timestamp()) AS waiting,
       (SELECT count(*) FROM jobs WHERE queue = $1 AND status = 'processing') AS processing`,
    [queue],
  );
  return row ?? { waiting: 0, processing: 0 };
}
