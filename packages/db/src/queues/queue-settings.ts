import {
  type LimitsInForce,
  limitsInForce,
  type QueueOverrides,
  type StoredLimits,
} from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

/** A queue's settings: Postgres is their home, Redis and the workers have copies. */
export type QueueSettings = {
  name: string;
  stored: StoredLimits;
  /** What holds at the moment of the read, by the database's clock. */
  inForce: LimitsInForce;
  /** BullMQ priority = virtual start - this; unix seconds. */
  priorityEpoch: number;
};

type Row = {
  name: string;
  paused: boolean;
  globalConcurrency: number | null;
  rateMax: number | null;
  rateDurationMs: number | null;
  overrides: QueueOverrides;
  priorityEpoch: number;
  readAt: Date;
};

const columns = `name, paused, global_concurrency AS "globalConcurrency", rate_max AS "rateMax",
  rate_duration_ms AS "rateDurationMs", overrides, priority_epoch AS "priorityEpoch",
  clock_timestamp() AS "readAt"`;

function settingsOf(row: Row): QueueSettings {
  const { name, paused, globalConcurrency, rateMax, rateDurationMs, overrides } = row;
  const rate =
    rateMax === null || rateDurationMs === null
      ? null
      : { max: rateMax, durationMs: rateDurationMs };
  const stored = { paused, declared: { globalConcurrency, rate }, overrides };
  const inForce = limitsInForce(stored, row.readAt);
  return { name, stored, inForce, priorityEpoch: row.priorityEpoch };
}

/** Makes the queues, or gives them the limits that their kinds and the settings declare now. */
export async function ensureQueues(
  sql: Sql,
  queues: {
    name: string;
    globalConcurrency?: number | undefined;
    limiter?: { max: number; durationMs: number } | undefined;
  }[],
): Promise<void> {
  for (const queue of queues) {
    await sql.query(
      `INSERT INTO queues (name, global_concurrency, rate_max, rate_duration_ms, priority_epoch)
       VALUES ($1, $2, $3, $4, extract(epoch FROM now())::bigint - 86400)
       ON CONFLICT (name) DO UPDATE SET global_concurrency = excluded.global_concurrency,
         rate_max = excluded.rate_max, rate_duration_ms = excluded.rate_duration_ms,
         updated_at = now()
       WHERE (queues.global_concurrency, queues.rate_max, queues.rate_duration_ms)
         IS DISTINCT FROM
         (excluded.global_concurrency, excluded.rate_max, excluded.rate_duration_ms)`,
      [
        queue.name,
        queue.globalConcurrency ?? null,
        queue.limiter?.max ?? null,
        queue.limiter?.durationMs ?? null,
      ],
    );
  }
}

/** The settings of all queues. */
export async function listQueueSettings(sql: Sql): Promise<QueueSettings[]> {
  const rows = await sql.query<Row>(`SELECT ${columns} FROM queues ORDER BY name`);
  return rows.map(settingsOf);
}

/** Sets the pause; undefined when there is no such queue. */
export async function setPaused(
  sql: Sql,
  name: string,
  paused: boolean,
): Promise<QueueSettings | undefined> {
  const [row] = await sql.query<Row>(
    `UPDATE queues SET paused = $2, updated_at = now() WHERE name = $1 RETURNING ${columns}`,
    [name, paused],
  );
  return row && settingsOf(row);
}

/**
 * Sets some overrides and gives others back to what is declared; each is replaced as a whole, the
 * others stay, whoever changes them meanwhile. Undefined when there is no such queue.
 */
export async function changeOverrides(
  sql: Sql,
  name: string,
  change: { set: QueueOverrides; reset: readonly (keyof QueueOverrides)[] },
): Promise<QueueSettings | undefined> {
  const [row] = await sql.query<Row>(
    `UPDATE queues SET overrides = (overrides - $2::text[]) || $3::jsonb, updated_at = now()
     WHERE name = $1 RETURNING ${columns}`,
    [name, change.reset, JSON.stringify(change.set)],
  );
  return row && settingsOf(row);
}

const oldestOf = (priority: string) =>
  `(SELECT virtual_start FROM jobs WHERE queue = $1 AND priority = '${priority}'
     AND status = 'queued' AND run_at <= now() ORDER BY virtual_start LIMIT 1)`;

/**
 * Moves a queue's priority epoch to a day before the earliest that waits (the clock, when nothing
 * does) once that is 11 days past it, long before BullMQ's largest priority (2,097,151), or before
 * it: a queue that is never empty runs ahead of the clock and falls back when it is. Returns true
 * when its jobs must be fed to Redis again.
 */
export async function advancePriorityEpoch(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql.query(
    `WITH t AS (
       SELECT coalesce(least(${oldestOf("high")}, ${oldestOf("normal")}, ${oldestOf("low")}),
         extract(epoch FROM now())::bigint) AS earliest
     )
     UPDATE queues SET priority_epoch = t.earliest - 86400, updated_at = now() FROM t
     WHERE name = $1
       AND (t.earliest - priority_epoch > 1000000 OR t.earliest <= priority_epoch)
     RETURNING name`,
    [name],
  );
  return rows.length > 0;
}
