import type { Sql } from "../connection/sql.ts";

/** One planned time that is done with: by a job, or by an error that says why there is none. */
export type PlannedTime = {
  id: string;
  revision: number;
  /** The planned time that the schedule stood at. */
  nextAt: Date;
  /** The planned time that was done; later than `nextAt` when some were missed. */
  doneAt: Date;
  /** Where the schedule stands now; null: there is no later one. */
  movesTo: Date | null;
  jobId: string | null;
  error: { code: string; message: string } | null;
  /** Redis did not tell in time: its copy is made anew. */
  mirrorAgain: boolean;
};

/**
 * Moves a schedule on from a planned time, once over all processes; false when it does not stand
 * there any more, was changed, disabled or removed. In one transaction with the job's insert this
 * makes exactly one job for each planned time.
 */
export async function passPlannedTime(tx: Sql, time: PlannedTime): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE schedules SET next_at = $5, last_at = $4, last_job_id = coalesce($6, last_job_id),
       last_error = $7, mirrored_revision = CASE WHEN $8 THEN NULL ELSE mirrored_revision END
     WHERE id = $1 AND revision = $2 AND next_at = $3 AND enabled RETURNING 1`,
    [
      ...[time.id, time.revision, time.nextAt, time.doneAt, time.movesTo, time.jobId],
      ...[time.error && JSON.stringify(time.error), time.mirrorAgain],
    ],
  );
  return rows.length > 0;
}

/** Schedules of these kinds whose time came `lateMs` ago or more, the longest waiting first. */
export async function overdueSchedules(
  sql: Sql,
  kinds: readonly string[],
  lateMs: number,
): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM schedules
     WHERE enabled AND next_at <= clock_timestamp() - $2 * interval '1 ms' AND kind = ANY($1)
     ORDER BY next_at LIMIT 100`,
    [kinds, lateMs],
  );
  return rows.map((row) => row.id);
}

/** What of a schedule stands in Redis. */
export type MirroredSchedule = {
  id: string;
  name: string;
  pattern: string;
  timeZone: string;
  enabled: boolean;
  revision: number;
};

/** Some of the schedules that Redis does not have as they are. */
export function unmirroredSchedules(sql: Sql): Promise<MirroredSchedule[]> {
  return sql.query<MirroredSchedule>(
    `SELECT id, name, pattern, time_zone AS "timeZone", enabled, revision FROM schedules
     WHERE mirrored_revision IS DISTINCT FROM revision ORDER BY id LIMIT 200`,
  );
}

/** Redis has this revision now. */
export async function confirmSchedule(
  sql: Sql,
  { id, revision }: Pick<MirroredSchedule, "id" | "revision">,
): Promise<void> {
  await sql.query("UPDATE schedules SET mirrored_revision = $2 WHERE id = $1 AND revision = $2", [
    id,
    revision,
  ]);
}

/** Redis was wiped: it has none. */
export async function forgetMirroredSchedules(sql: Sql): Promise<void> {
  await sql.query(
    "UPDATE schedules SET mirrored_revision = NULL WHERE mirrored_revision IS NOT NULL",
  );
}
