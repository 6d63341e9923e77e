import type { Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import type { TenantScope } from "../reads/job-row.ts";

/** What a client says of a schedule. */
export type ScheduleFields = {
  name: string;
  /** As it was given: the kind's schema parses it anew for each job. */
  input: unknown;
  priority: Priority;
  tags: string[];
  /** Cron, 5 or 6 fields. */
  pattern: string;
  /** IANA. */
  timeZone: string;
  enabled: boolean;
};

export type ScheduleRow = ScheduleFields & {
  id: string;
  tenantId: string;
  kind: string;
  /** Planned time of the next job; null while disabled, or when there is none any more. */
  nextAt: Date | null;
  /** Planned time of the last job. */
  lastAt: Date | null;
  lastJobId: string | null;
  /** Why the last planned time made no job. */
  lastError: { code: string; message: string } | null;
  /** Rises with every change by a client. */
  revision: number;
  createdAt: Date;
  updatedAt: Date;
  /** The database's time of the read. */
  readAt: Date;
};

const columns = `id, tenant_id AS "tenantId", name, kind, input, priority,
  coalesce(tags, '{}') AS tags, pattern, time_zone AS "timeZone", enabled, next_at AS "nextAt",
  last_at AS "lastAt", last_job_id AS "lastJobId", last_error AS "lastError", revision,
  created_at AS "createdAt", updated_at AS "updatedAt", clock_timestamp() AS "readAt"`;

/** The time by which schedules are due. */
export async function databaseTime(sql: Sql): Promise<Date> {
  const [row] = await sql.query<{ at: Date }>("SELECT clock_timestamp() AS at");
  if (!row) throw new Error("SELECT without FROM gives one row");
  return row.at;
}

/** Makes a schedule; undefined when its tenant has one of that name. */
export async function createSchedule(
  sql: Sql,
  schedule: ScheduleFields & { id: string; tenantId: string; kind: string; nextAt: Date | null },
): Promise<ScheduleRow | undefined> {
  const { id, tenantId, name, kind, input, priority, tags, pattern, timeZone } = schedule;
  const [row] = await sql.query<ScheduleRow>(
    `INSERT INTO schedules (id, tenant_id, name, kind, input, priority, tags, pattern, time_zone,
       enabled, next_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${columns}`,
    [
      ...[id, tenantId, name, kind, JSON.stringify(input ?? null), priority, tags, pattern],
      ...[timeZone, schedule.enabled, schedule.nextAt],
    ],
  );
  return row;
}

/** The schedule when it is in the scope, or undefined. */
export async function findSchedule(
  sql: Sql,
  id: string,
  scope: TenantScope,
): Promise<ScheduleRow | undefined> {
  const [row] = await sql.query<ScheduleRow>(
    `SELECT ${columns} FROM schedules WHERE id = $1 AND ($2::text IS NULL OR tenant_id = $2)`,
    [id, scope],
  );
  return row;
}

/** A page of the scope's schedules, newest first, behind `after`. */
export function listSchedules(
  sql: Sql,
  scope: TenantScope,
  page: { limit: number; after?: { createdAt: Date; id: string } | undefined },
): Promise<ScheduleRow[]> {
  return sql.query<ScheduleRow>(
    `SELECT ${columns} FROM schedules
     WHERE ($1::text IS NULL OR tenant_id = $1)
       AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
     ORDER BY created_at DESC, id DESC LIMIT $4`,
    [scope, page.after?.createdAt ?? null, page.after?.id ?? null, page.limit],
  );
}

export type ScheduleChange =
  | { status: "changed"; schedule: ScheduleRow }
  /** Somebody changed or removed it since it was read. */
  | { status: "moved" }
  | { status: "name_taken" };

/**
 * Writes a schedule's fields if it still is of `revision`.
 * @param nextAt the next planned time anew; undefined leaves it, which a job may be moving on.
 */
export async function changeSchedule(
  sql: Sql,
  { id, tenantId, revision }: Pick<ScheduleRow, "id" | "tenantId" | "revision">,
  fields: ScheduleFields,
  nextAt: Date | null | undefined,
): Promise<ScheduleChange> {
  const { name, input, priority, tags, pattern, timeZone, enabled } = fields;
  try {
    const [schedule] = await sql.query<ScheduleRow>(
      `UPDATE schedules SET name = $3, input = $4, priority = $5, tags = $6, pattern = $7,
         time_zone = $8, enabled = $9, next_at = CASE WHEN $10 THEN $11 ELSE next_at END,
         revision = revision + 1, updated_at = now()
       WHERE id = $1 AND revision = $2 AND tenant_id = $12 RETURNING ${columns}`,
      [
        ...[id, revision, name, JSON.stringify(input ?? null), priority, tags, pattern, timeZone],
        ...[enabled, nextAt !== undefined, nextAt ?? null, tenantId],
      ],
    );
    return schedule ? { status: "changed", schedule } : { status: "moved" };
  } catch (error) {
    if ((error as { code?: unknown }).code === "23505") return { status: "name_taken" };
    throw error;
  }
}

/** Removes a schedule; the jobs that it made stay. False when there is none in the scope. */
export async function removeSchedule(sql: Sql, id: string, scope: TenantScope): Promise<boolean> {
  const rows = await sql.query(
    "DELETE FROM schedules WHERE id = $1 AND ($2::text IS NULL OR tenant_id = $2) RETURNING 1",
    [id, scope],
  );
  return rows.length > 0;
}
