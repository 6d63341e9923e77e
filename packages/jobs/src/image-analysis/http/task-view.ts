import { errorSentence, type Language, message } from "@ilgam/contracts";
import type { TaskRow } from "./task-store.ts";

export type TaskStatus = "pending" | "processing" | "completed" | "failed" | "cancelled";

/** One line of the list of tasks. Times are ISO 8601 in UTC. */
export type TaskSummary = {
  task_id: string;
  filename: string;
  status: TaskStatus;
  progress: number;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  error: string | null;
};

/** A task as the document's client reads it. */
export type TaskView = TaskSummary & {
  /** Null for the extraction of tables. */
  prompt: string | null;
  detail: string | null;
  callback_url: string | null;
  result?: unknown;
  /** Where the result can be downloaded. */
  result_file?: string;
};

const longestError = 500;

export function summaryOf(row: TaskRow, language: Language): TaskSummary {
  const status = statusOf(row);
  return {
    task_id: row.id,
    filename: row.fileName ?? "",
    status,
    progress: Math.round(row.progress),
    created_at: row.createdAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    completed_at: row.finishedAt?.toISOString() ?? null,
    error: errorOf(row, status, language),
  };
}

function errorOf({ error }: TaskRow, status: TaskStatus, language: Language): string | null {
  if (status === "cancelled") return message("error_cancelled", language);
  if (status !== "failed" || !error) return null;
  return errorSentence(error, language).slice(0, longestError).toWellFormed();
}

export function viewOf(row: TaskRow, language: Language, result?: { output: unknown }): TaskView {
  const { prompt, detail, callbackUrl: callback_url, id } = row;
  const shown = result && { result: result.output, result_file: `/background/results/${id}` };
  return { ...summaryOf(row, language), prompt, detail, callback_url, ...shown };
}

function statusOf({ status, cancelRequestedAt }: TaskRow): TaskStatus {
  if (status === "queued") return "pending";
  // Nothing else can become of it, however long its worker takes to hear.
  return status === "processing" && cancelRequestedAt ? "cancelled" : status;
}
