import { errorSentence, type JobStatus, type Language, message } from "@ilgam/contracts";

/** How far a question's explanation is, in the words of the document. */
export type ExplanationStatus = "pending" | "generating" | "completed" | "failed";

/** What a question's status is read from: itself and its job, which it has or had. */
export type StatusRow = {
  explainedAt: Date | null;
  jobId: string | null;
  explainedRun: number | null;
  /** The job's; null when it is deleted by now, or there is none. */
  jobStatus: JobStatus | null;
  jobRun: number | null;
  waitReason: string | null;
  jobError: { code: string; message: string } | null;
};

/** The columns of a `StatusRow`, from a row `q` of questions and `j`, its job. */
export const statusColumns = `q.explained_at AS "explainedAt", q.job_id AS "jobId",
  q.explained_run AS "explainedRun", j.status AS "jobStatus", j.run AS "jobRun",
  j.wait_reason AS "waitReason", j.error AS "jobError"`;

export const withJob =
  "questions q LEFT JOIN jobs j ON j.tenant_id = q.tenant_id AND j.id = q.job_id";

/** Whether the job is queued for going on with what it had begun, rather than for its first turn. */
const begunReasons = new Set(["retry", "drain", "lost"]);

/**
 * The status of a question. Nothing of it is stored, so nothing has to be kept in step with a job
 * that is cancelled, expires or dies.
 */
export function statusOf(row: StatusRow): ExplanationStatus {
  if (row.jobId === null) return "completed";
  // Deleted with age: what it had written stands.
  if (row.jobStatus === null) return row.explainedRun === null ? "failed" : "completed";
  switch (row.jobStatus) {
    case "queued":
      return begunReasons.has(row.waitReason ?? "") ? "generating" : "pending";
    case "processing":
      return "generating";
    case "completed":
      return row.explainedRun === row.jobRun ? "completed" : "failed";
    case "failed":
    case "cancelled":
      return "failed";
  }
}

const longestError = 500;

/** Why a question's explanation failed; null for any other status. */
export function errorOf(row: StatusRow, language: Language): string | null {
  if (statusOf(row) !== "failed") return null;
  if (row.jobStatus === null) return message("explanation_job_gone", language);
  const error = row.jobError ?? { code: "processing_error", message: "" };
  const sentence = errorSentence(error, language);
  return sentence.length <= longestError ? sentence : `${sentence.slice(0, longestError - 1)}…`;
}
