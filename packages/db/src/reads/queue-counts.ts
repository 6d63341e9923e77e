import type { Sql } from "../connection/sql.ts";

export type QueueCounts = {
  queue: string;
  /** Due and waiting. */
  queued: number;
  /** Waiting for a later time: a start time, a retry, a pace. */
  delayed: number;
  processing: number;
  /** Seconds since the longest waiting job was due; null when none waits. */
  oldestWaitingSeconds: number | null;
};

/** Open jobs of every queue that has any, of all tenants. Raw: one pass over partial indexes. */
export function countQueues(sql: Sql): Promise<QueueCounts[]> {
  return sql.query<QueueCounts>(
    `SELECT queue, count(*) FILTER (WHERE status = 'queued' AND run_at <= now()) AS queued,
       count(*) FILTER (WHERE status = 'queued' AND run_at > now()) AS delayed,
       count(*) FILTER (WHERE status = 'processing') AS processing,
       extract(epoch FROM now() - min(run_at)
         FILTER (WHERE status = 'queued' AND run_at <= now()))::float8 AS "oldestWaitingSeconds"
     FROM (
       SELECT queue, status, run_at FROM jobs WHERE status = 'queued'
       UNION ALL
       SELECT queue, status, run_at FROM jobs WHERE status = 'processing') open
     GROUP BY queue ORDER BY queue`,
  );
}
