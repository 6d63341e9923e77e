import { ApiError, type JobStatus } from "@ilgam/contracts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { aiAnalysis } from "../contract.ts";
import { jobIdOf, statusSql } from "./job-view.ts";

const look = `SELECT ${statusSql} AS status FROM jobs j
WHERE j.id = $1 AND j.tenant_id = $2 AND j.kind = '${aiAnalysis.kind}'`;

/**
 * Cancels a waiting or running job of the tenant and answers its id; from then on it is cancelled
 * to its clients.
 * @throws ApiError ai_job_not_found, already_finished
 */
export async function cancelAiJob(
  { db, canceller }: Pick<RouteDependencies, "db" | "canceller">,
  tenantId: string,
  id: string,
): Promise<string> {
  const jobId = jobIdOf(id);
  // The canceller knows no kinds.
  const [job] = await db.sql.query<{ status: JobStatus }>(look, [jobId, tenantId]);
  if (!job) throw new ApiError("ai_job_not_found");
  if (job.status !== "queued" && job.status !== "processing") throw finished(job.status);
  const [outcome] = await canceller.jobs(tenantId, [jobId]);
  if (!outcome) throw new ApiError("ai_job_not_found");
  if (!outcome.accepted) throw finished(outcome.status);
  return jobId;
}

function finished(status: JobStatus): ApiError {
  return new ApiError("already_finished", { values: { status } });
}
