import type { Sql } from "../connection/sql.ts";

/** A write of the holder of a job: refused silently (returns false) when the fence has moved. */
export type HeldJob = { id: string; epoch: number };

export type ProgressWrite = HeldJob & { progress: number; step: string | null };

const holdingOf = ({ id, epoch }: HeldJob) => `${id} ${epoch}`;

/** Writes progress of running jobs; returns for each whether the writer still holds it. */
export async function progressAll(sql: Sql, writes: ProgressWrite[]): Promise<boolean[]> {
  // An UPDATE joined to two rows takes either: only the last report of each holder is sent.
  const last = new Map(writes.map((write) => [holdingOf(write), write]));
  const rows = await sql.query<HeldJob>(
    `WITH req AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb)
         AS r(id uuid, epoch int, progress real, step text)
     ), l AS MATERIALIZED (
       SELECT j.id, r.progress, r.step FROM jobs j
       JOIN req r ON r.id = j.id AND r.epoch = j.epoch
       WHERE j.status = 'processing' ORDER BY j.id FOR UPDATE OF j
     )
     UPDATE jobs j SET progress = l.progress, step = coalesce(l.step, j.step)
     FROM l WHERE j.id = l.id RETURNING j.id, j.epoch`,
    [JSON.stringify([...last.values()])],
  );
  const held = new Set(rows.map(holdingOf));
  return writes.map((write) => held.has(holdingOf(write)));
}

export type EventWrite = HeldJob & { type: "log" | "step"; data: Record<string, unknown> };

/**
 * Appends events of running jobs in the order given. The lock keeps a job's events in the order of
 * their commits: a reader with a cursor never passes one that is still to come.
 */
export async function eventsAll(sql: Sql, writes: EventWrite[]): Promise<boolean[]> {
  const rows = await sql.query<HeldJob>(
    `WITH held AS MATERIALIZED (
       SELECT j.id, j.epoch, j.run, r.ord, r.type, r.data
       FROM jsonb_to_recordset($1::jsonb) AS r(ord int, id uuid, epoch int, type text, data jsonb)
       JOIN jobs j ON j.id = r.id AND j.epoch = r.epoch AND j.status = 'processing'
       ORDER BY j.id FOR UPDATE OF j
     ), written AS (
       INSERT INTO job_events (job_id, run, type, data)
       SELECT id, run, type, data FROM held ORDER BY ord
     )
     SELECT id, epoch FROM held`,
    [JSON.stringify(writes.map((write, ord) => ({ ord, ...write })))],
  );
  const held = new Set(rows.map(holdingOf));
  return writes.map((write) => held.has(holdingOf(write)));
}

/** The stored output of a checkpoint of this run, or undefined when it was never reached. */
export async function readStep(
  sql: Sql,
  job: { id: string; run: number },
  name: string,
): Promise<{ output: unknown } | undefined> {
  const [row] = await sql.query<{ output: unknown }>(
    "SELECT output FROM job_steps WHERE job_id = $1 AND run = $2 AND name = $3",
    [job.id, job.run, name],
  );
  return row;
}

/** Stores a checkpoint once per run; false when the writer no longer holds the job. */
export async function writeStep(
  sql: Sql,
  job: HeldJob,
  name: string,
  output: unknown,
): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO job_steps (job_id, run, name, output)
     SELECT id, run, $3, $4::jsonb FROM jobs WHERE id = $1 AND epoch = $2 AND status = 'processing'
     ON CONFLICT (job_id, run, name) DO UPDATE SET output = excluded.output
     RETURNING job_id`,
    [job.id, job.epoch, name, JSON.stringify(output ?? null)],
  );
  return rows.length > 0;
}
