import type { Sql } from "./sql.ts";

/** A queue's settings: Postgres is their home, Redis has a copy. */
export type QueueSettings = {
  name: string;
  paused: boolean;
  globalConcurrency: number | null;
  rateMax: number | null;
  rateDurationMs: number | null;
  /** BullMQ priority = virtual start - this; unix seconds. */
  priorityEpoch: number;
};

const columns = `name, paused, global_concurrency AS "globalConcurrency", rate_max AS "rateMax",
  rate_duration_ms AS "rateDurationMs", priority_epoch AS "priorityEpoch"`;

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
export function listQueueSettings(sql: Sql): Promise<QueueSettings[]> {
  return sql.query<QueueSettings>(`SELECT ${columns} FROM queues ORDER BY name`);
}

/** Sets the pause; undefined when there is no such queue. */
export async function setPaused(
  sql: Sql,
  name: string,
  paused: boolean,
): Promise<QueueSettings | undefined> {
  const [row] = await sql.query<QueueSettings>(
    `UPDATE queues SET paused = $2, updated_at = now() WHERE name = $1 RETURNING ${columns}`,
    [name, paused],
  );
  return row;
}

/**
 * Moves a queue's priority epoch forward when virtual time has run 11 days past it, long before
 * BullMQ's largest priority (2,097,151). Returns true when its jobs must be fed to Redis again.
 */
export async function advancePriorityEpoch(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE queues SET priority_epoch = extract(epoch FROM now())::bigint - 86400, updated_at = now()
     WHERE name = $1 AND priority_epoch < extract(epoch FROM now())::bigint - 1000000
     RETURNING name`,
    [name],
  );
  return rows.length > 0;
}
