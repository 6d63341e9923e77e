import {
  ApiError,
  errorSentence,
  type JobStatus,
  type Language,
  type MessageKey,
  message,
} from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { aiAnalysis } from "../contract.ts";
import { stepIn } from "../steps.ts";
import { jobIdOf } from "./job-view.ts";
import type { JobLogs, LogLine } from "./schemas.ts";

type StateData = {
  status: JobStatus;
  attempt?: number;
  outcome?: "completed" | "failed" | "retry" | "snooze" | "hold" | "release" | "lost";
  why?: string;
  error?: { code: string; message: string };
  dueInMs?: number;
  cancelRequested?: true;
};

type EventRow = { seq: number; at: Date } & (
  | { type: "state"; data: StateData }
  | { type: "step"; data: { name: string } }
  | { type: "log"; data: { message: string } }
);

const job = `SELECT id, created_at AS "createdAt" FROM jobs
WHERE id = $1 AND tenant_id = $2 AND kind = '${aiAnalysis.kind}'`;
const events = `SELECT e.seq, e.type, e.data, e.at FROM job_events e JOIN jobs j ON j.id = e.job_id
WHERE j.id = $1 AND j.tenant_id = $2 AND e.seq > $3 ORDER BY e.seq LIMIT $4`;

/**
 * A job's log, oldest first, of all its runs: each change of state, step and try, with its time.
 * @throws ApiError ai_job_not_found
 */
export async function readLogs(
  sql: Sql,
  tenantId: string,
  jobId: string,
  page: { after: number | undefined; limit: number; language: Language },
): Promise<JobLogs> {
  const { after, limit, language } = page;
  const id = jobIdOf(jobId);
  const [[found], rows] = await Promise.all([
    sql.query<{ createdAt: Date }>(job, [id, tenantId]),
    sql.query<EventRow>(events, [id, tenantId, after ?? 0, limit + 1]),
  ]);
  if (!found) throw new ApiError("ai_job_not_found");
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  // The submission itself is no event: it is the job's own row.
  const begin = { seq: 0, at: found.createdAt.toISOString(), event: "queued" };
  const first = after === undefined ? [{ ...begin, message: say("ai_log_queued", language) }] : [];
  return {
    jobId: id,
    logs: [...first, ...shown.map((row) => lineOf(row, language))],
    nextCursor: last ? String(last.seq) : null,
  };
}

const say = message;

function lineOf(row: EventRow, language: Language): LogLine {
  const at = { seq: Number(row.seq), at: row.at.toISOString() };
  if (row.type === "step") {
    return { ...at, event: "step", message: say("ai_log_step", language, row.data) };
  }
  if (row.type === "log") {
    return { ...at, event: "log", message: stepIn(row.data.message, language) };
  }
  const { attempt, why, error, dueInMs = 0 } = row.data;
  const event = eventOf(row.data);
  const words = { attempt: attempt ?? 1, seconds: Math.ceil(dueInMs / 100) / 10 };
  const reason = error ? errorSentence(error, language) : isWait(event) ? why : undefined;
  return {
    ...at,
    event,
    message: say(sentences[event], language, words),
    ...(attempt !== undefined && { attempt }),
    ...(reason !== undefined && event !== "cancelled" && { reason }),
  };
}

const isWait = (event: keyof typeof sentences) => event === "put_off" || event === "held";

const sentences = {
  queued: "ai_log_queued",
  processing: "ai_log_processing",
  retry: "ai_log_retry",
  put_off: "ai_log_put_off",
  held: "ai_log_held",
  given_back: "ai_log_given_back",
  cancel_requested: "ai_log_cancel_asked",
  completed: "ai_log_completed",
  failed: "ai_log_failed",
  cancelled: "job_cancelled",
} as const satisfies Record<string, MessageKey>;

function eventOf({ status, outcome, cancelRequested }: StateData): keyof typeof sentences {
  if (status === "processing") return cancelRequested ? "cancel_requested" : "processing";
  if (status !== "queued") return status;
  if (outcome === "retry") return "retry";
  if (outcome === "snooze") return "put_off";
  if (outcome === "hold") return "held";
  return outcome === "release" || outcome === "lost" ? "given_back" : "queued";
}
