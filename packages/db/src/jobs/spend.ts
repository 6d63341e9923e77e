import type { Sql } from "../connection/sql.ts";

/** What one outbound call of an attempt cost. */
export type SpentCall = {
  /** Made by whoever made the call: told twice, it counts once. */
  id: string;
  jobId: string;
  epoch: number;
  /** Empty when the kind does not say. */
  model: string;
  tokens: number;
  /** Those of them that have no price: they are not in `cost`. */
  unpricedTokens: number;
  /** US dollars. */
  cost: number;
};

/** A write holds its rows of the sums until its commit: so many may do so beside each other. */
const usageShards = 8;

/*
 * Whatever became of the attempt: a call that was made is paid, whether its worker died, its result
 * was refused or its job is cancelled. The attempt counts once, with its first call.
 */
const spend = `
WITH req AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "jobId" uuid, epoch int, model text,
    tokens int, "unpricedTokens" int, cost numeric)
), fresh AS (
  INSERT INTO job_calls (id, job_id, epoch, model, tokens, unpriced_tokens, cost)
  SELECT id, "jobId", epoch, model, tokens, "unpricedTokens", cost FROM req ORDER BY id
  ON CONFLICT (id) DO NOTHING RETURNING *
), sums AS (
  SELECT job_id, sum(tokens) AS tokens, sum(unpriced_tokens) AS unpriced, sum(cost) AS cost
  FROM fresh GROUP BY job_id
), l AS MATERIALIZED (
  SELECT j.id, j.tenant_id, j.kind, coalesce((SELECT substr(tag, 5)
      FROM unnest(j.tags) WITH ORDINALITY AS t(tag, n) WHERE tag LIKE 'set:%' ORDER BY n LIMIT 1),
      '') AS set_id
  FROM jobs j JOIN sums ON sums.job_id = j.id ORDER BY j.id FOR UPDATE OF j
), u AS (
  UPDATE jobs j SET tokens = j.tokens + s.tokens, unpriced_tokens = j.unpriced_tokens + s.unpriced,
    cost = j.cost + s.cost
  FROM sums s JOIN l ON l.id = s.job_id WHERE j.id = s.job_id
), counted AS (
  SELECT f.*, CASE WHEN row_number() OVER (PARTITION BY f.job_id, f.epoch ORDER BY f.id) = 1
    AND NOT EXISTS (SELECT 1 FROM job_calls c WHERE c.job_id = f.job_id AND c.epoch = f.epoch)
    THEN 1 ELSE 0 END AS attempts
  FROM fresh f
), usage AS (
  INSERT INTO usage_hours (hour, tenant_id, kind, set_id, model, shard, attempts, tokens,
    unpriced_tokens, cost)
  SELECT date_trunc('hour', now(), 'UTC'), l.tenant_id, l.kind, l.set_id, c.model,
    pg_backend_pid() % ${usageShards}, sum(c.attempts), sum(c.tokens), sum(c.unpriced_tokens),
    sum(c.cost)
  FROM counted c JOIN l ON l.id = c.job_id GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
  ON CONFLICT (hour, tenant_id, kind, set_id, model, shard) DO UPDATE SET
    attempts = usage_hours.attempts + excluded.attempts,
    tokens = usage_hours.tokens + excluded.tokens,
    unpriced_tokens = usage_hours.unpriced_tokens + excluded.unpriced_tokens,
    cost = usage_hours.cost + excluded.cost
)
SELECT id FROM fresh`;

/** Adds calls to the sums of their jobs, tenants and hours, each once however often it is told. */
export async function spendAll(sql: Sql, calls: readonly SpentCall[]): Promise<true[]> {
  await sql.query(spend, [JSON.stringify(calls)]);
  return calls.map(() => true);
}
