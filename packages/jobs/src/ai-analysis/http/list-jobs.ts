import type { JobStatus, Language } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { cursorOf, type ListingPosition } from "../../listing/listing-cursor.ts";
import { type AnalysisType, aiAnalysis } from "../contract.ts";
import { columns, type SummaryRow, statusSql, summaryOf } from "./job-view.ts";
import type { JobList } from "./schemas.ts";

export type ListPage = {
  status?: JobStatus | undefined;
  type?: AnalysisType | undefined;
  limit: number;
  after: ListingPosition | undefined;
};

const list = `SELECT ${columns}, i.input->>'query' AS query FROM jobs j
JOIN job_inputs i ON i.job_id = j.id
WHERE j.tenant_id = $1 AND j.kind = '${aiAnalysis.kind}'
  AND ($3::text IS NULL OR ${statusSql} = $3) AND ($4::text IS NULL OR i.input->>'type' = $4)
  AND ($5::timestamptz IS NULL OR (j.created_at, j.id) < ($5::timestamptz, $6::uuid))
ORDER BY j.created_at DESC, j.id DESC LIMIT $2`;

/** One page of a tenant's jobs, newest first, without results; stable while new ones come. */
export async function listAiJobs(
  sql: Sql,
  tenantId: string,
  { status, type, limit, after }: ListPage,
  language: Language,
): Promise<JobList> {
  const from = after && new Date(after.createdAt).toISOString();
  const rows = await sql.query<SummaryRow & { query: string }>(list, [
    ...[tenantId, limit + 1, status, type, from, after?.id],
  ]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    jobs: shown.map((row) => ({ ...summaryOf(row, language), query: row.query })),
    nextCursor: last ? cursorOf({ createdAt: last.createdAt.getTime(), id: last.id }) : null,
  };
}
