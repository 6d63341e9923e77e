import { limitsInForce, type QueueOverrides } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import type { JobDetail, TenantScope } from "./job-row.ts";
import { usageOf } from "./usage.ts";

const statement = `SELECT j.id, j.tenant_id AS "tenantId", j.kind, j.queue, j.status, j.priority,
  j.progress, j.step, j.run, j.attempt, j.max_attempts AS "maxAttempts", j.created_at AS "createdAt", j.run_at AS "runAt",
  j.expires_at AS "expiresAt", j.started_at AS "startedAt", j.finished_at AS "finishedAt",
  j.cancel_requested_at AS "cancelRequestedAt", j.error, j.batch_id AS "batchId", j.position,
  j.tokens, j.unpriced_tokens AS "unpricedTokens", j.cost::float8 AS cost,
  coalesce(j.tags, '{}') AS tags, j.metadata, j.callback_url AS "callbackUrl",
  j.wait_reason AS "waitReason", j.held_since AS "heldSince", j.virtual_start AS "virtualStart",
  extract(epoch FROM j.run_at - now())::float8 * 1000 AS "dueInMs",
  coalesce(q.paused, false) AS paused, q.overrides, clock_timestamp() AS "readAt"
  FROM jobs j LEFT JOIN queues q ON q.name = j.queue
  WHERE j.id = $1 AND ($2::text IS NULL OR j.tenant_id = $2)`;

type Row = Omit<JobDetail, "queuePaused" | "usage"> & {
  tokens: number;
  unpricedTokens: number;
  cost: number;
  paused: boolean;
  overrides: QueueOverrides | null;
  readAt: Date;
};

function isPausedByWindow(overrides: QueueOverrides | null, at: Date): boolean {
  if (!overrides?.windows) return false;
  const declared = { globalConcurrency: null, rate: null };
  return limitsInForce({ paused: false, declared, overrides }, at).paused;
}

/** The job when it is in the scope, or undefined. Raw: this is what clients poll. */
export async function findJob(
  sql: Sql,
  scope: TenantScope,
  id: string,
): Promise<JobDetail | undefined> {
  const [row] = await sql.query<Row>(statement, [id, scope]);
  if (!row) return undefined;
  const { paused, overrides, readAt, tokens, unpricedTokens, cost, ...job } = row;
  const usage = usageOf({ tokens, unpricedTokens, cost });
  return { ...job, usage, queuePaused: paused || isPausedByWindow(overrides, readAt) };
}
