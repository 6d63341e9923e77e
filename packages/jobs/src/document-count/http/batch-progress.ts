import { type Language, message } from "@ilgam/contracts";

/** A batch in the words of its clients, who know no `cancelled`. Times are epoch milliseconds. */
export type BatchProgress = {
  id: string;
  status: "pending" | "processing" | "completed" | "failed";
  /** Ended keywords of all. */
  progress: { current: number; total: number };
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  error?: string;
};

/** A batch and the tally of its jobs. Times are epoch milliseconds. */
export type BatchRow = {
  batchId: string;
  id: string;
  total: number;
  createdAt: number;
  cancelledAt: number | null;
  open: number;
  completed: number;
  failed: number;
  cancelled: number;
  startedAt: number | null;
  endedAt: number | null;
};

const epochMs = (time: string) => `(extract(epoch FROM ${time}) * 1000)::float8`;

/** The columns of a `BatchRow`, from a row `b` of batches and the tally `t` of its jobs. */
export const columns = `b.id AS "batchId", b.public_id AS id, b.total,
  ${epochMs("b.created_at")} AS "createdAt", ${epochMs("b.cancelled_at")} AS "cancelledAt",
  t.open, t.completed, t.failed, t.cancelled,
  ${epochMs("t.started_at")} AS "startedAt", ${epochMs("t.ended_at")} AS "endedAt"`;

/** The tally of a batch: aggregates over its rows `j` of jobs. */
export const tally = `count(*) FILTER (WHERE j.status IN ('queued', 'processing')) AS open,
  count(*) FILTER (WHERE j.status = 'completed') AS completed,
  count(*) FILTER (WHERE j.status = 'failed') AS failed,
  count(*) FILTER (WHERE j.status = 'cancelled') AS cancelled,
  min(j.started_at) AS started_at, max(j.finished_at) AS ended_at`;

/** What the tally means to a client. */
export function progressOf(row: BatchRow, language: Language): BatchProgress {
  const { id, total, createdAt, startedAt, completed, failed, cancelled } = row;
  // A request that came after the last end has cancelled nothing.
  const wasCancelled = row.cancelledAt !== null && row.open + cancelled > 0;
  const ended = completed + failed + (wasCancelled ? 0 : cancelled);
  const completedAt = row.open === 0 ? row.endedAt : wasCancelled ? row.cancelledAt : null;
  const status = statusOf(row, wasCancelled);
  return {
    id,
    status,
    progress: { current: ended, total },
    createdAt,
    ...(startedAt !== null && { startedAt }),
    ...(completedAt !== null && { completedAt }),
    ...(status === "failed" && { error: errorOf(row, wasCancelled, language) }),
  };
}

function statusOf(row: BatchRow, wasCancelled: boolean): BatchProgress["status"] {
  if (wasCancelled) return "failed";
  if (row.open === 0) return row.completed > 0 ? "completed" : "failed";
  return row.startedAt === null && row.open === row.total ? "pending" : "processing";
}

function errorOf(row: BatchRow, wasCancelled: boolean, language: Language): string {
  const nothingFailed = row.failed === 0;
  return message(wasCancelled || nothingFailed ? "job_cancelled" : "all_keywords_failed", language);
}
