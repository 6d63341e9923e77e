import { ApiError, type JobStatus } from "@ilgam/contracts";
import type { JobFilter, Reads, TenantScope } from "@ilgam/db";
import type { Kinds } from "../kinds/resolve-kinds.ts";

/**
 * The part of the scope that is asked for; by default all of it.
 * @throws ApiError forbidden for a tenant outside of it
 */
export function narrow(scope: TenantScope, asked: string | undefined): TenantScope {
  if (asked === undefined || asked === scope) return scope;
  if (scope !== null) throw new ApiError("forbidden");
  return asked;
}

/**
 * The conditions for the reads; undefined when they name a batch that is not there. Callbacks,
 * which are jobs that nobody submitted, are meant only when their kind is named.
 */
export async function jobFilterOf(
  { reads, kinds }: { reads: Reads; kinds: Kinds },
  scope: TenantScope,
  asked: {
    kind?: string | undefined;
    status?: JobStatus | undefined;
    batch?: string | undefined;
    tag?: string | undefined;
    error?: string | undefined;
    createdAfter?: string | undefined;
    createdBefore?: string | undefined;
  },
): Promise<JobFilter | undefined> {
  const { kind, status, batch, tag, createdAfter, createdBefore } = asked;
  const found = batch === undefined ? undefined : await reads.batches.find(scope, batch);
  if (batch !== undefined && !found) return undefined;
  const callbacks = [...kinds.values()].filter(({ definition }) => definition.delivers);
  return {
    kind,
    exceptKinds: callbacks.map(({ definition }) => definition.kind),
    tag,
    errorCode: asked.error,
    statuses: status === undefined ? undefined : [status],
    batchId: found?.id,
    createdAfter: createdAfter === undefined ? undefined : new Date(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : new Date(createdBefore),
  };
}
