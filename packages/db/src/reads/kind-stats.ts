import type { JobStatus } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

export type StatusCount = { kind: string; status: JobStatus; count: number };

export type LastHour = {
  kind: string;
  completed: number;
  failed: number;
  cancelled: number;
  /** Of completed jobs, their last attempt. */
  averageRunMs: number | null;
  /** From being due to the start of the last attempt. */
  averageWaitMs: number | null;
};

/** Jobs by kind and status, of all tenants. */
export function countByKind(sql: Sql): Promise<StatusCount[]> {
  return sql.query<StatusCount>(
    "SELECT kind, status, count(*) AS count FROM jobs GROUP BY kind, status ORDER BY kind, status",
  );
}

/** What ended within the past hour, by kind, of all tenants. */
export function summarizeLastHour(sql: Sql): Promise<LastHour[]> {
  return sql.query<LastHour>(
    `SELECT kind, count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
       avg(extract(epoch FROM finished_at - started_at) * 1000)
         FILTER (WHERE status = 'completed')::float8 AS "averageRunMs",
       avg(extract(epoch FROM greatest(started_at - run_at, interval '0')) * 1000)
         FILTER (WHERE status = 'completed')::float8 AS "averageWaitMs"
     FROM jobs WHERE status IN ('completed', 'failed', 'cancelled')
       AND finished_at > now() - interval '1 hour'
     GROUP BY kind ORDER BY kind`,
  );
}

/** How long the longest running attempt of each kind has run; kinds without one are left out. */
export function longestProcessing(sql: Sql): Promise<{ kind: string; seconds: number }[]> {
  return sql.query(
    `SELECT kind, extract(epoch FROM now() - min(claimed_at))::float8 AS seconds
     FROM jobs WHERE status = 'processing' GROUP BY kind ORDER BY kind`,
  );
}
