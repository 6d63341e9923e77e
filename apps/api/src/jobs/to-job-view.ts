import { errorSentence, type JobView, type Language, type WaitingOn } from "@ilgam/contracts";
import type { JobRow } from "@ilgam/db";

/** ISO 8601 in UTC, or null. */
export function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** A job as clients see it, the engine's own sentences in their language. */
export function toJobView(row: JobRow, waitingOn: WaitingOn | null, language: Language): JobView {
  return {
    id: row.id,
    tenant: row.tenantId,
    kind: row.kind,
    queue: row.queue,
    status: row.status,
    priority: row.priority,
    progress: row.progress,
    step: row.step,
    run: row.run,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    createdAt: row.createdAt.toISOString(),
    runAt: row.runAt.toISOString(),
    expiresAt: isoOrNull(row.expiresAt),
    startedAt: isoOrNull(row.startedAt),
    finishedAt: isoOrNull(row.finishedAt),
    cancelRequestedAt: isoOrNull(row.cancelRequestedAt),
    error: row.error && { code: row.error.code, message: errorSentence(row.error, language) },
    batch: row.batchId === null ? null : { id: row.batchId, position: row.position ?? 0 },
    tags: row.tags,
    metadata: row.metadata,
    callbackUrl: row.callbackUrl,
    waitingOn,
    usage: row.usage,
  };
}
