import { ApiError, errorSentence, type JobStatus, type Language } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { type AiAnalysisResult, type AnalysisType, aiAnalysis } from "../contract.ts";
import { stepIn } from "../steps.ts";
import type { JobView } from "./schemas.ts";

export type SummaryRow = {
  id: string;
  type: AnalysisType;
  status: JobStatus;
  progress: number;
  step: string | null;
  error: { code: string; message: string } | null;
  createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
};

/**
 * A running job whose cancellation was asked for ends as cancelled whatever its worker does, so
 * that is what it is to clients from then on.
 */
export const statusSql = `CASE WHEN j.cancel_requested_at IS NOT NULL
  AND j.status IN ('queued', 'processing') THEN 'cancelled' ELSE j.status END`;

/** The columns of a `SummaryRow`, from a row `j` of jobs and its `i` of job_inputs. */
export const columns = `j.id, i.input->>'type' AS type, ${statusSql} AS status, j.progress, j.step,
  j.error, j.created_at AS "createdAt", j.started_at AS "startedAt",
  coalesce(j.finished_at, j.cancel_requested_at) AS "completedAt"`;

const view = `SELECT ${columns}, r.output AS result FROM jobs j
JOIN job_inputs i ON i.job_id = j.id
LEFT JOIN job_results r ON r.job_id = j.id AND r.run = j.run
WHERE j.id = $1 AND j.tenant_id = $2 AND j.kind = '${aiAnalysis.kind}'`;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of a job, if it can be one. @throws ApiError ai_job_not_found */
export function jobIdOf(text: string): string {
  if (!uuid.test(text)) throw new ApiError("ai_job_not_found");
  return text.toLowerCase();
}

/** What all looks at a job have in common. */
export function summaryOf(row: SummaryRow, language: Language) {
  const { status, step, error } = row;
  return {
    jobId: row.id,
    type: row.type,
    status,
    progress: row.progress,
    currentStep: step === null ? null : stepIn(step, language),
    // An earlier try's error is no news: the job goes on.
    error: status === "failed" && error ? errorSentence(error, language) : null,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    completedAt: row.completedAt?.toISOString() ?? null,
  };
}

/** One job of the tenant. @throws ApiError ai_job_not_found */
export async function readJob(
  sql: Sql,
  tenantId: string,
  jobId: string,
  language: Language,
): Promise<JobView> {
  const [row] = await sql.query<SummaryRow & { result: AiAnalysisResult | null }>(view, [
    jobIdOf(jobId),
    tenantId,
  ]);
  if (!row) throw new ApiError("ai_job_not_found");
  return { ...summaryOf(row, language), result: row.result };
}
