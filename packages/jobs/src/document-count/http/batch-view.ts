import { errorSentence, type Language, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { Provider } from "../contract.ts";
import { type BatchProgress, type BatchRow, columns, progressOf, tally } from "./batch-progress.ts";

/** One ended keyword, as the document's client reads it. */
export type KeywordResult = {
  keyword: string;
  /** Empty when the keyword failed for good. */
  counts: Record<string, number>;
  provider?: Provider;
  error?: string;
};

export type BatchView = BatchProgress & { results: KeywordResult[] };

type ResultRow =
  | { keyword: string; counts: Record<string, number>; provider: Provider }
  | { keyword: string; error: { code: string; message: string } | null };

/*
 * What has ended, in the order of the keywords: a result, or the input of what failed. Keywords
 * that went down with a cancelled batch are none. Looked up one by one by their keys: a join would
 * have the planner read all results of the table when it is of middle size.
 */
const results = `coalesce(json_agg(
    CASE WHEN j.status = 'completed'
      THEN (SELECT r.output FROM job_results r WHERE r.job_id = j.id AND r.run = j.run)
      ELSE (SELECT i.input || jsonb_build_object('error', j.error)
        FROM job_inputs i WHERE i.job_id = j.id) END
    ORDER BY j.position)
  FILTER (WHERE j.status IN ('completed', 'failed')
    OR j.status = 'cancelled' AND b.cancelled_at IS NULL), '[]') AS results`;

const of = (columnsOfTally: string) => `
FROM batches b CROSS JOIN LATERAL (
  SELECT ${columnsOfTally} FROM jobs j WHERE j.batch_id = b.id AND j.tenant_id = b.tenant_id
) t WHERE b.public_id = $1 AND b.tenant_id = $2 AND b.kind = 'document-count'`;
const tallySql = `SELECT ${columns} ${of(tally)}`;
const viewSql = `SELECT ${columns}, t.results ${of(`${tally}, ${results}`)}`;

/** Everything else than a name of ours; some of it Postgres could not even be asked for. */
const noName = /[^\w-]/;

/** How far a tenant's batch is; undefined when there is none of this name. */
export async function readTally(
  sql: Sql,
  tenantId: string,
  publicId: string,
): Promise<BatchRow | undefined> {
  if (noName.test(publicId)) return undefined;
  const [row] = await sql.query<BatchRow>(tallySql, [publicId, tenantId]);
  return row;
}

/** A tenant's batch with what has ended so far; undefined when there is none of this name. */
export async function readBatch(
  sql: Sql,
  tenantId: string,
  publicId: string,
  language: Language,
): Promise<BatchView | undefined> {
  if (noName.test(publicId)) return undefined;
  const [row] = await sql.query<BatchRow & { results: ResultRow[] }>(viewSql, [publicId, tenantId]);
  if (!row) return undefined;
  return {
    ...progressOf(row, language),
    results: row.results.map((one) => resultOfRow(one, language)),
  };
}

function resultOfRow(row: ResultRow, language: Language): KeywordResult {
  const { keyword } = row;
  if ("counts" in row) return { keyword, counts: row.counts, provider: row.provider };
  const { error } = row;
  const sentence = error ? errorSentence(error, language) : message("internal", language);
  return { keyword, counts: {}, error: sentence };
}
