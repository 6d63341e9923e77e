import {
  errorSentence,
  isMessageKey,
  type JobStatus,
  type Language,
  message,
} from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";

/** A document's row, and what its job says of it. */
export type DocumentRow = {
  id: number;
  containerId: string | null;
  fileId: string;
  fileName: string;
  mediaType: string;
  jobId: string;
  run: number | null;
  pages: number | null;
  chunks: number | null;
  tokens: number | null;
  model: string | null;
  dimension: number | null;
  createdAt: Date;
  completedAt: Date | null;
  jobStatus: JobStatus | null;
  progress: number | null;
  step: string | null;
  waitReason: string | null;
  /** A service that it needs is away; `waitReason` says which. */
  isHeld: boolean | null;
  error: { code: string; message: string } | null;
  startedAt: Date | null;
  finishedAt: Date | null;
};

export type DocumentStatus = "pending" | "processing" | "completed" | "failed";

const columns = `d.id, d.container_id AS "containerId", d.file_id AS "fileId",
  d.file_name AS "fileName", d.media_type AS "mediaType", d.job_id AS "jobId", d.run, d.pages,
  d.chunks, d.tokens, d.model, d.dimension, d.created_at AS "createdAt",
  d.completed_at AS "completedAt", j.status AS "jobStatus", j.progress, j.step,
  j.wait_reason AS "waitReason",
  j.held_since IS NOT NULL AS "isHeld", j.error, j.started_at AS "startedAt",
  j.finished_at AS "finishedAt"`;
const from = "FROM documents d LEFT JOIN jobs j ON j.id = d.job_id";

/** The tenant's document; undefined for any other text than the number of one. */
export async function findDocument(
  sql: Pick<Sql, "query">,
  tenantId: string,
  id: string,
): Promise<DocumentRow | undefined> {
  if (!/^\d{1,15}$/.test(id)) return undefined;
  const [row] = await sql.query<DocumentRow>(
    `SELECT ${columns} ${from} WHERE d.tenant_id = $1 AND d.id = $2`,
    [tenantId, id],
  );
  return row;
}

/** One page of the tenant's documents, newest first. */
export function listDocuments(
  sql: Sql,
  tenantId: string,
  page: { containerId: string | undefined; before: number | undefined; limit: number },
): Promise<DocumentRow[]> {
  return sql.query<DocumentRow>(
    `SELECT ${columns} ${from} WHERE d.tenant_id = $1
       AND ($2::text IS NULL OR d.container_id = $2) AND ($3::bigint IS NULL OR d.id < $3)
     ORDER BY d.id DESC LIMIT $4`,
    [tenantId, page.containerId, page.before, page.limit],
  );
}

/** What has completed stays so, also while its job runs again. */
export function statusOf({ completedAt, jobStatus }: DocumentRow): DocumentStatus {
  if (completedAt) return "completed";
  if (jobStatus === "queued") return "pending";
  return jobStatus === "processing" ? "processing" : "failed";
}

/** Whole percent; 100 when it has completed and not before. */
export function progressOf(row: DocumentRow): number {
  if (row.completedAt) return 100;
  return Math.min(99, Math.floor(row.progress ?? 0));
}

/** Why it failed; null for one that has not. */
export function errorOf(row: DocumentRow, language: Language): string | null {
  if (statusOf(row) !== "failed") return null;
  const sentence = row.error
    ? errorSentence(row.error, language)
    : message("error_document_lost", language);
  return sentence.slice(0, 500);
}

/** What is being done, in words; of a step such as `extracting 3/12` the first word tells. */
export function messageOf(row: DocumentRow, language: Language): string {
  const status = statusOf(row);
  if (status === "pending") {
    if (row.isHeld && row.waitReason !== null) return row.waitReason;
    // It stands in the row in the default language.
    if (row.waitReason === message("document_same_file")) {
      return message("document_same_file", language);
    }
    const why = row.waitReason === "retry" ? "waiting_retry" : "document_pending";
    return message(why, language);
  }
  if (status !== "processing") return message(`document_${status}`, language);
  const key = `document_${row.step?.split(" ")[0] ?? "started"}`;
  return message(isMessageKey(key) ? key : "document_started", language);
}
