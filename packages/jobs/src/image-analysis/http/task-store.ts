import type { JobError, JobStatus } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { ListingPosition } from "../../listing/listing-cursor.ts";
import { taskKinds } from "../task-kinds.ts";

/** A task as its job tells it. */
export type TaskRow = {
  id: string;
  kind: "image-analysis" | "table-extraction";
  fileName: string | null;
  prompt: string | null;
  detail: string | null;
  status: JobStatus;
  progress: number;
  cancelRequestedAt: Date | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  callbackUrl: string | null;
  error: JobError | null;
};

// A job that came through /v1 is named by its file, while that is there; its input may be anything.
const columns = `j.id, j.kind, j.status, j.progress, j.error,
  coalesce(j.metadata->>'fileName', (SELECT f.file_name FROM files f
    WHERE f.tenant_id = j.tenant_id AND f.id = CASE
      WHEN i.input->>'fileId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      THEN (i.input->>'fileId')::uuid END)) AS "fileName",
  j.cancel_requested_at AS "cancelRequestedAt", j.created_at AS "createdAt",
  j.started_at AS "startedAt", j.finished_at AS "finishedAt", j.callback_url AS "callbackUrl"`;

const from = `FROM jobs j JOIN job_inputs i ON i.job_id = j.id
  WHERE j.tenant_id = $1 AND j.kind IN ${taskKinds}`;

const one = `SELECT ${columns}, i.input->>'prompt' AS prompt, i.input->>'detail' AS detail
  ${from} AND j.id = $2`;

const list = `SELECT ${columns} ${from}
  AND ($3::float8 IS NULL OR (j.created_at, j.id) < (to_timestamp($3::float8 / 1000), $4::uuid))
  ORDER BY j.created_at DESC, j.id DESC LIMIT $2`;

const count = `SELECT count(*) AS count FROM jobs
  WHERE tenant_id = $1 AND kind IN ${taskKinds}`;

const result = `SELECT r.output FROM jobs j JOIN job_results r ON r.job_id = j.id AND r.run = j.run
  WHERE j.id = $1 AND j.tenant_id = $2 AND j.status = 'completed'`;

/** Everything else than an id of ours; some of it Postgres could not even be asked for. */
const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** The tenant's task; undefined when there is none. */
export async function findTask(
  sql: Sql,
  tenantId: string,
  id: string,
): Promise<TaskRow | undefined> {
  if (!isId(id)) return undefined;
  const [row] = await sql.query<TaskRow>(one, [tenantId, id]);
  return row;
}

/** What a completed task made of its file; undefined when it has not, or not any more. */
export async function readResult(
  sql: Sql,
  tenantId: string,
  id: string,
): Promise<{ output: unknown } | undefined> {
  const [row] = await sql.query<{ output: unknown }>(result, [id, tenantId]);
  return row;
}

/** The tenant's tasks, newest first. */
export function listTasks(
  sql: Sql,
  tenantId: string,
  { limit, after }: { limit: number; after: ListingPosition | undefined },
): Promise<TaskRow[]> {
  return sql.query<TaskRow>(list, [tenantId, limit, after?.createdAt, after?.id]);
}

export async function countTasks(sql: Sql, tenantId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(count, [tenantId]);
  return Number(row?.count ?? 0);
}
