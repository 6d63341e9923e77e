import type { Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

/** Fewer than these are counted exactly; a longer way to go is read off samples of the queue. */
export const exactPlaces = 500;
const longest = 10_000;
const sampleEvery = 100;

const before = (priority: Priority) => `(SELECT count(*) FROM (
    SELECT 1 FROM jobs WHERE queue = $1 AND priority = '${priority}' AND status = 'queued'
      AND run_at <= now() AND (virtual_start, id) < ($2, $3::uuid) LIMIT ${exactPlaces}) j)`;

/**
 * Due jobs that stand before this one in its queue; exact below `exactPlaces`, which is the most
 * it says. One count a priority: the index is ordered within each.
 */
export async function countBefore(
  sql: Sql,
  job: { id: string; queue: string; virtualStart: number },
): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT least(${exactPlaces}, ${before("high")} + ${before("normal")} + ${before("low")})
       AS count`,
    [job.queue, job.virtualStart, job.id],
  );
  return row?.count ?? 0;
}

export type PlaceSample = { virtualStart: number; place: number };

const firstOf = (priority: Priority) => `(SELECT virtual_start FROM jobs
    WHERE queue = $1 AND priority = '${priority}' AND status = 'queued' AND run_at <= now()
    ORDER BY virtual_start LIMIT ${longest})`;

/** Every 100th of the first 10,000 due jobs of a queue, in their order. Tens of milliseconds. */
export function samplePlaces(sql: Sql, queue: string): Promise<PlaceSample[]> {
  return sql.query<PlaceSample>(
    `SELECT virtual_start AS "virtualStart", place FROM (
       SELECT virtual_start, row_number() OVER (ORDER BY virtual_start) AS place FROM (
         ${firstOf("high")} UNION ALL ${firstOf("normal")} UNION ALL ${firstOf("low")}) first
       ORDER BY place LIMIT ${longest}) placed
     WHERE place % ${sampleEvery} = 0 ORDER BY place`,
    [queue],
  );
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
