import { Aborted } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { JobContext } from "../../handling/job-context.ts";
import { outlastOutage } from "../../outages/outlast-outage.ts";

/** One attempt at a job, as its writes name it. */
export type HeldJob = { id: string; tenantId: string; run: number; epoch: number };

/** The attempt whose context this is; its key is `job:run:epoch`. */
export function heldJobOf({
  job,
  idempotencyKey,
}: Pick<JobContext<unknown>, "job" | "idempotencyKey">): HeldJob {
  const { id, tenantId, run } = job;
  return { id, tenantId, run, epoch: Number(idempotencyKey.split(":").at(-1)) };
}

/**
 * The document of the job $1, run $2, while the attempt $3 holds it: no row afterwards. The lock
 * keeps a successor from starting until the statement is through.
 */
export const held = `held AS MATERIALIZED (
  SELECT d.id FROM jobs j JOIN documents d ON d.job_id = j.id
  WHERE j.id = $1 AND j.run = $2 AND j.epoch = $3 AND j.status = 'processing' FOR SHARE OF j
)`;

/** Statements of one attempt: they wait while Postgres is away, until the attempt is aborted. */
export type HeldSql = {
  query: Sql["query"];
  /** A statement on `held`, with $1 to $3 filled. @throws Aborted when the job is not held */
  write<Row>(text: string, values?: unknown[]): Promise<Row[]>;
};

export function heldSql(sql: Sql, job: HeldJob, signal: AbortSignal): HeldSql {
  const query: HeldSql["query"] = (text, values) =>
    outlastOutage(() => sql.query(text, values), signal);
  return {
    query,
    write: async <Row>(text: string, values: unknown[] = []) => {
      const rows = await query<Row & { held: number }>(text, [
        ...[job.id, job.run, job.epoch],
        ...values,
      ]);
      if (rows[0]?.held) return rows;
      signal.throwIfAborted();
      throw new Aborted("lease_lost");
    },
  };
}
