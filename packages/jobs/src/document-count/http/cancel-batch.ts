import { ApiError, type Language } from "@ilgam/contracts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { progressOf } from "./batch-progress.ts";
import { readTally } from "./batch-view.ts";

/**
 * Cancels what has not ended of a batch; finished keywords stay.
 * @throws ApiError batch_not_found, already_finished
 */
export async function cancelBatch(
  deps: Pick<RouteDependencies, "db" | "canceller">,
  tenantId: string,
  publicId: string,
  language: Language,
): Promise<void> {
  const batch = await readTally(deps.db.sql, tenantId, publicId);
  if (!batch) throw new ApiError("batch_not_found");
  const finished = () =>
    new ApiError("already_finished", { values: { status: progressOf(batch, language).status } });
  if (batch.open === 0) throw finished();
  const outcomes = await deps.canceller.batch(tenantId, batch.batchId);
  if (!outcomes.some((job) => job.accepted)) throw finished();
}
