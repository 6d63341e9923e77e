import type { JobError, JobStatus, Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import { type SpentCall, spendAll } from "./spend.ts";

/** How an attempt ended. `retry`, `snooze`, `hold` and `release` queue the job again. */
export type Outcome =
  | { type: "completed"; output: unknown }
  | { type: "failed"; error: JobError }
  /** An attempt was consumed; failed when it was the last. */
  | { type: "retry"; error: JobError; delayMs: number }
  /**
   * The attempt is given back. Failed when it was snoozed more than `maxSnoozes` times. `code` is
   * for the numbers and not stored.
   */
  | { type: "snooze"; why: string; code?: string; delayMs: number; maxSnoozes: number }
  /**
   * The attempt is given back: a service that it needs is away. Failed when that has lasted longer
   * than `maxHoldMs`, or when the job had to start by now.
   */
  | { type: "hold"; why: string; provider: string; delayMs: number; maxHoldMs: number }
  /** Given back as if it had not been taken, due again at once or after `delayMs`. */
  | { type: "release"; why: string; delayMs?: number };

/** What an attempt spent upstream on one model. */
export type Spending = {
  /** Empty when the kind does not say. */
  model: string;
  tokens: number;
  /** Those of them that have no price: they are not in `cost`. */
  unpricedTokens: number;
  /** US dollars. */
  cost: number;
};

export type Settlement = {
  id: string;
  epoch: number;
  outcome: Outcome;
  /** By model, for the attempt's row; nothing by default. */
  spent?: readonly Spending[] | undefined;
  /** Those of its calls of which nobody knows whether they are in the sums. */
  calls?: readonly SpentCall[] | undefined;
};

export type SettleOutcome =
  | {
      status: "settled";
      job: {
        id: string;
        queue: string;
        kind: string;
        tenantId: string;
        priority: Priority;
        status: JobStatus;
        run: number;
        attempt: number;
        virtualStart: number;
        dispatch: number;
        /** Wait until it is due again, milliseconds; 0 for an ended job. */
        delayMs: number;
        batchId: string | null;
        error: JobError | null;
      };
    }
  /** This very settlement had been committed; its reply was lost. */
  | { status: "repeated" }
  /** A newer holder, a lost lease or an end: the write was refused. Never try it again. */
  | { status: "fenced" };

/*
 * One verb for every end of an attempt. Rows are locked in the order of their ids (unordered
 * multi-row updates deadlock), and a cancel that came first wins over every other outcome.
 */
const settle = `
WITH req AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, epoch int, outcome text, output jsonb,
    error jsonb, why text, delay_ms float8, max_snoozes int, max_hold_ms float8, tokens int, unpriced int,
    cost numeric, models text[])
), l AS MATERIALIZED (
  SELECT j.id, j.cancel_requested_at, j.attempt, j.max_attempts, j.snoozes, j.worker_id,
    j.claimed_at, j.held_since, j.expires_at, r.outcome, r.output, r.error, r.why, r.delay_ms,
    r.max_snoozes, r.max_hold_ms, r.tokens, r.unpriced, r.cost, r.models
  FROM jobs j JOIN req r ON j.id = r.id AND j.epoch = r.epoch
  WHERE j.status = 'processing' ORDER BY j.id FOR UPDATE OF j
), d AS MATERIALIZED (
  SELECT l.*, CASE
      WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
      WHEN outcome IN ('completed', 'failed') THEN outcome
      WHEN outcome = 'retry' AND attempt >= max_attempts THEN 'failed'
      WHEN outcome = 'snooze' AND snoozes >= max_snoozes THEN 'failed'
      WHEN outcome = 'hold' AND (expires_at <= now()
        OR held_since < now() - max_hold_ms * interval '1 ms') THEN 'failed'
      ELSE 'queued' END AS next,
    now() + coalesce(delay_ms, 0) * interval '1 ms' AS due
  FROM l
), u AS (
  UPDATE jobs j SET status = d.next,
    worker_id = NULL, claim_token = NULL,
    finished_at = CASE WHEN d.next <> 'queued' THEN now() END,
    attempt = CASE WHEN d.next = 'queued' AND d.outcome IN ('snooze', 'hold', 'release')
      THEN j.attempt - 1 ELSE j.attempt END,
    snoozes = CASE WHEN d.outcome = 'snooze' THEN j.snoozes + 1 ELSE j.snoozes END,
    crash_count = CASE WHEN d.outcome = 'release' THEN j.crash_count ELSE 0 END,
    run_at = CASE WHEN d.next = 'queued' THEN d.due ELSE j.run_at END,
    check_at = CASE WHEN d.next <> 'queued' THEN j.check_at
      WHEN d.due > now() + interval '60 s' THEN d.due - interval '30 s'
      ELSE now() + interval '5 s' END,
    dispatch = CASE WHEN d.next = 'queued' THEN j.dispatch + 1 ELSE j.dispatch END,
    wait_reason = CASE WHEN d.next <> 'queued' THEN NULL
      WHEN d.outcome = 'retry' THEN 'retry' ELSE d.why END,
    held_since = CASE WHEN d.next = 'queued' AND d.outcome = 'hold'
      THEN coalesce(j.held_since, now()) END,
    progress = CASE WHEN d.next = 'completed' THEN 100 ELSE j.progress END,
    step = CASE WHEN d.next = 'completed' THEN NULL ELSE j.step END,
    error = CASE d.next
      WHEN 'completed' THEN NULL
      WHEN 'cancelled' THEN jsonb_build_object('code', 'cancelled', 'message', 'cancelled')
      WHEN 'failed' THEN coalesce(d.error,
        jsonb_build_object('code', CASE d.outcome WHEN 'hold' THEN 'provider_unavailable'
          ELSE 'too_many_snoozes' END, 'message', d.why))
      ELSE coalesce(d.error, j.error) END
  FROM d WHERE j.id = d.id
  RETURNING j.*
), results AS (
  INSERT INTO job_results (job_id, run, epoch, output)
  SELECT u.id, u.run, u.epoch, coalesce(d.output, 'null'::jsonb)
  FROM u JOIN d ON d.id = u.id WHERE d.next = 'completed'
), attempts AS (
  INSERT INTO job_attempts (job_id, run, epoch, attempt, worker_id, started_at, outcome, error,
    tokens, unpriced_tokens, cost, models)
  SELECT u.id, u.run, u.epoch, d.attempt, d.worker_id, d.claimed_at,
    CASE WHEN d.next = 'cancelled' THEN 'cancelled' ELSE d.outcome END, d.error, d.tokens,
    d.unpriced, d.cost, coalesce(d.models, '{}')
  FROM u JOIN d ON d.id = u.id
), events AS (
  INSERT INTO job_events (job_id, run, type, data)
  SELECT u.id, u.run, 'state', jsonb_strip_nulls(jsonb_build_object('status', u.status,
    'attempt', d.attempt, 'outcome', d.outcome, 'why', d.why, 'error', d.error,
    'dueInMs', CASE WHEN d.next = 'queued' THEN d.delay_ms END))
  FROM u JOIN d ON d.id = u.id
  -- Once for each wait, however often the job looks whether it is over.
  WHERE d.outcome <> 'hold' OR d.next <> 'queued' OR d.held_since IS NULL
), webhooks AS (
  INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
  SELECT gen_random_uuid(), u.tenant_id, u.callback_url, u.id, u.run, 'job.' || u.status
  FROM u WHERE u.callback_url IS NOT NULL AND u.batch_id IS NULL AND u.status <> 'queued'
  ON CONFLICT DO NOTHING
)
SELECT id, epoch, queue, kind, tenant_id, priority, status, run, attempt, virtual_start, dispatch,
  CASE WHEN status = 'queued' THEN extract(epoch FROM run_at - now())::float8 * 1000 ELSE 0 END
    AS delay_ms, batch_id, error
FROM u`;

type SettledRow = {
  id: string;
  epoch: number;
  queue: string;
  kind: string;
  tenant_id: string;
  priority: Priority;
  status: JobStatus;
  run: number;
  attempt: number;
  virtual_start: number;
  dispatch: number;
  delay_ms: number;
  batch_id: string | null;
  error: JobError | null;
};

/** Columns of the attempt. Null cost: nothing has a price. */
function spentColumns(spent: readonly Spending[] = []) {
  if (spent.length === 0) return {};
  const sum = (of: (one: Spending) => number) => spent.reduce((total, one) => total + of(one), 0);
  const { tokens, unpriced, cost } = {
    tokens: sum((one) => one.tokens),
    unpriced: sum((one) => one.unpricedTokens),
    cost: sum((one) => one.cost),
  };
  return {
    tokens,
    unpriced,
    cost: unpriced > 0 && unpriced === tokens && cost === 0 ? undefined : cost,
    models: spent.map(({ model }) => model).filter((model) => model !== ""),
  };
}

function requestRow({ id, epoch, outcome, spent }: Settlement) {
  return {
    id,
    epoch,
    outcome: outcome.type,
    output: "output" in outcome ? (outcome.output ?? null) : undefined,
    error: "error" in outcome ? outcome.error : undefined,
    why: "why" in outcome ? outcome.why : undefined,
    delay_ms: "delayMs" in outcome ? outcome.delayMs : undefined,
    max_snoozes: "maxSnoozes" in outcome ? outcome.maxSnoozes : undefined,
    max_hold_ms: "maxHoldMs" in outcome ? outcome.maxHoldMs : undefined,
    ...spentColumns(spent),
  };
}

function settled(row: SettledRow): SettleOutcome {
  const { tenant_id: tenantId, virtual_start: virtualStart, delay_ms: delayMs, ...rest } = row;
  const { batch_id: batchId, epoch: _, ...job } = rest;
  return { status: "settled", job: { ...job, tenantId, virtualStart, delayMs, batchId } };
}

const attemptOf = ({ id, epoch }: { id: string; epoch: number }) => `${id} ${epoch}`;

/**
 * Ends attempts in one statement; committed when it returns, or joins the transaction given. Of two
 * settlements of one attempt the first counts.
 */
export async function settleAll(sql: Sql, settlements: Settlement[]): Promise<SettleOutcome[]> {
  const first = new Map<string, Settlement>();
  for (const one of settlements) {
    if (!first.has(attemptOf(one))) first.set(attemptOf(one), one);
  }
  const distinct = [...first.values()];
  const calls = distinct.flatMap((one) => one.calls ?? []);
  if (calls.length > 0) await spendAll(sql, calls);
  const rows = await sql.query<SettledRow>(settle, [JSON.stringify(distinct.map(requestRow))]);
  const settledRows = new Map(rows.map((row) => [attemptOf(row), row]));
  const missed = distinct.filter((one) => !settledRows.has(attemptOf(one)));
  const own = missed.length > 0 ? await committedBefore(sql, missed) : new Set<string>();
  return settlements.map((one) => {
    const row = settledRows.get(attemptOf(one));
    if (row && first.get(attemptOf(one)) === one) return settled(row);
    return { status: row || own.has(attemptOf(one)) ? "repeated" : "fenced" };
  });
}

/** Attempts of this very epoch that ended by a settlement, not by a lost lease. */
async function committedBefore(sql: Sql, missed: Settlement[]): Promise<Set<string>> {
  const rows = await sql.query<{ id: string; epoch: number }>(
    `SELECT a.job_id AS id, a.epoch FROM job_attempts a
     JOIN jsonb_to_recordset($1::jsonb) AS r(id uuid, epoch int)
       ON a.job_id = r.id AND a.epoch = r.epoch
     WHERE a.outcome <> 'lost'`,
    [JSON.stringify(missed.map(({ id, epoch }) => ({ id, epoch })))],
  );
  return new Set(rows.map(attemptOf));
}
