import type { Priority } from "@ilgam/contracts";
import type { Sql } from "../sql.ts";

/** Positions are counted so far and no further. */
export const positionCap = 10_000;

const before = (priority: Priority) => `(SELECT count(*) FROM (
    SELECT 1 FROM jobs WHERE queue = $1 AND priority = '${priority}' AND status = 'queued'
      AND run_at <= now() AND (virtual_start, id) < ($2, $3::uuid) LIMIT ${positionCap}) j)`;

/**
 * Due jobs that stand before this one in its queue, 10,000 at most. One count a priority: the
 * index is ordered within each.
 */
export async function countBefore(
  sql: Sql,
  job: { id: string; queue: string; virtualStart: number },
): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT least(${positionCap}, ${before("high")} + ${before("normal")} + ${before("low")})
       AS count`,
    [job.queue, job.virtualStart, job.id],
  );
  return row?.count ?? 0;
}

/**
 * Average time between two completions of a kind, milliseconds, over its last 200 of the past 15
 * minutes; null with fewer than two.
 */
export async function completionIntervalMs(sql: Sql, kind: string): Promise<number | null> {
  const [row] = await sql.query<{ interval: number | null }>(
    `SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float8 * 1000
       / nullif(count(*) - 1, 0) AS interval
     FROM (SELECT finished_at FROM jobs WHERE kind = $1 AND status = 'completed'
       AND finished_at > now() - interval '15 min' ORDER BY finished_at DESC LIMIT 200) recent`,
    [kind],
  );
  return row?.interval ?? null;
}
