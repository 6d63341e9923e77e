import { errorSentence, type Language, type ScheduleView } from "@ilgam/contracts";
import type { ScheduleRow } from "@ilgam/db";
import { isoOrNull } from "../jobs/to-job-view.ts";

/** A schedule as clients see it. */
export function scheduleView(row: ScheduleRow, language: Language): ScheduleView {
  const { revision: _revision, readAt: _readAt, tenantId, lastError, ...shown } = row;
  return {
    ...shown,
    tenant: tenantId,
    lastError: lastError && { ...lastError, message: errorSentence(lastError, language) },
    nextAt: isoOrNull(row.nextAt),
    lastAt: isoOrNull(row.lastAt),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
