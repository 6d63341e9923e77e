import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { explanation } from "../contract.ts";

const mostRetried = 10_000;

/**
 * Gets explanations going again: has Redis asked for what waits and is due, the tenant's own or for
 * an operator everybody's, whose pause it lifts too; on request starts new runs of the tenant's that
 * failed (not of those that were cancelled).
 */
export async function restartQueue(
  { db, restartQueue: restart, retryJobs }: RouteDependencies,
  { tenantId, isOperator }: { tenantId: string; isOperator: boolean },
  { retryFailed }: { retryFailed: boolean },
): Promise<{ resumed: boolean; requeued: number; retried: number }> {
  const { resumed, requeued } = await restart(explanation.kind, {
    resume: isOperator,
    tenantId: isOperator ? null : tenantId,
  });
  if (!retryFailed) return { resumed, requeued, retried: 0 };
  // Only jobs that still have their question: others would end as they did.
  const failed = await db.sql.query<{ id: string }>(
    `SELECT j.id FROM questions q JOIN jobs j ON j.tenant_id = q.tenant_id AND j.id = q.job_id
     WHERE q.tenant_id = $1 AND j.status = 'failed' ORDER BY j.id LIMIT $2`,
    [tenantId, mostRetried],
  );
  const ids = failed.map(({ id }) => id);
  return { resumed, requeued, retried: await retryJobs(tenantId, ids) };
}
