import type { Usage } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import { usageOf } from "./usage.ts";

export const usageDimensions = ["day", "kind", "set", "model", "batch", "job"] as const;
/** What usage is added up by. */
export type UsageBy = (typeof usageDimensions)[number];

/** Whole days of a time zone (IANA), both ends included; `YYYY-MM-DD`. */
export type UsageWindow = { from: string; to: string; timeZone: string };

export type UsageRow = Usage & {
  /** The day, the name of the kind or model, or the id. */
  key: string;
  /** Whose set, batch or job it is. */
  tenant?: string;
  kind?: string;
  /** Attempts that spent something; not for batches and jobs. */
  attempts?: number;
};

type Row = {
  key: string;
  tenant: string | null;
  kind: string | null;
  attempts: number | null;
  tokens: number;
  unpricedTokens: number;
  cost: number;
};

const begin = "($1::date::timestamp AT TIME ZONE $3)";
const end = "(($2::date + 1)::timestamp AT TIME ZONE $3)";
const sums = `sum(tokens)::bigint AS tokens, sum(unpriced_tokens)::bigint AS "unpricedTokens",
  sum(cost)::float8 AS cost`;
const mostExpensive = "ORDER BY cost DESC, tokens DESC, key LIMIT $4";

/** From the sums by hour: a few thousand rows however many attempts there were. */
const byHours = (key: string, tenant: string, where: string, order: string) => `
  SELECT ${key} AS key, ${tenant} AS tenant, NULL AS kind, sum(attempts)::bigint AS attempts, ${sums}
  FROM usage_hours WHERE hour >= ${begin} AND hour < ${end} AND ${where}
  GROUP BY 1, 2 ${order}`;

/** Jobs that spent something and ended in the window, or are still open. */
const spenders = (columns: string) => `
  SELECT ${columns} FROM jobs WHERE (tokens > 0 OR cost > 0)
    AND finished_at >= ${begin} AND finished_at < ${end}
  UNION ALL
  SELECT ${columns} FROM jobs WHERE (tokens > 0 OR cost > 0) AND finished_at IS NULL
    AND now() >= ${begin} AND now() < ${end}`;

const statements: Record<UsageBy, string> = {
  day: byHours(
    "to_char(hour AT TIME ZONE $3, 'YYYY-MM-DD')",
    "NULL",
    "true",
    "ORDER BY key DESC LIMIT $4",
  ),
  kind: byHours("kind", "NULL", "true", mostExpensive),
  set: byHours("set_id", "tenant_id", "set_id <> ''", mostExpensive),
  model: byHours("model", "NULL", "true", mostExpensive),
  batch: `
    SELECT b.public_id AS key, b.tenant_id AS tenant, b.kind, NULL::bigint AS attempts, s.tokens,
      s."unpricedTokens", s.cost
    FROM (SELECT batch_id, ${sums} FROM (${spenders("batch_id, tokens, unpriced_tokens, cost")}) j
        WHERE batch_id IS NOT NULL GROUP BY 1 ORDER BY cost DESC, tokens DESC, batch_id LIMIT $4) s
      JOIN batches b ON b.id = s.batch_id
    ORDER BY cost DESC, tokens DESC, key`,
  job: `
    SELECT id::text AS key, tenant_id AS tenant, kind, NULL::bigint AS attempts, tokens,
      unpriced_tokens AS "unpricedTokens", cost::float8 AS cost
    FROM (${spenders("id, tenant_id, kind, tokens, unpriced_tokens, cost")}) j
    ${mostExpensive}`,
};

/** Sums over all tenants: days newest first, all else the most expensive first. */
export async function listUsage(
  sql: Sql,
  by: UsageBy,
  { from, to, timeZone }: UsageWindow,
  limit: number,
): Promise<UsageRow[]> {
  const rows = await sql.query<Row>(statements[by], [from, to, timeZone, limit]);
  return rows.map(({ key, tenant, kind, attempts, ...row }) => ({
    key,
    ...(tenant !== null && { tenant }),
    ...(kind !== null && { kind }),
    ...(attempts !== null && { attempts }),
    ...usageOf(row),
  }));
}

export async function totalUsage(sql: Sql, window: UsageWindow): Promise<Usage> {
  const [row] = await sql.query<{ tokens: number; unpricedTokens: number; cost: number }>(
    `SELECT ${sums} FROM usage_hours WHERE hour >= ${begin} AND hour < ${end}`,
    [window.from, window.to, window.timeZone],
  );
  return usageOf(row ?? { tokens: 0, unpricedTokens: 0, cost: 0 });
}
