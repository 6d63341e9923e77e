import { ApiError, type JobStatus } from "@ilgam/contracts";
import type { BatchRow, BatchTally, Reads, TenantScope } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { narrow } from "../jobs/job-filter.ts";
import { BatchPage, BatchView } from "../jobs/schemas.ts";
import { isoOrNull } from "../jobs/to-job-view.ts";
import { decodeCursor, PageQuery, pageOf } from "../pages.ts";

const tags = ["batches"];
const BatchParams = z.object({
  id: z.string().meta({ description: "The batch's uuid or its public id." }),
});
const ListQuery = z.object({
  kind: z.string().max(100).optional(),
  tenant: z.string().max(100).optional().meta({ description: "Operators see all by default." }),
  ...PageQuery,
});
const none: BatchTally = {
  counts: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
  usage: { tokens: 0, unpricedTokens: 0, costUsd: 0 },
};

/** Open until every job has ended; then as good as its best job. */
function statusOf(finishedAt: Date | null, counts: BatchTally["counts"]): JobStatus {
  if (finishedAt === null) {
    const isBegun = counts.processing + counts.completed + counts.failed > 0;
    return isBegun ? "processing" : "queued";
  }
  if (counts.completed > 0) return "completed";
  return counts.failed > 0 ? "failed" : "cancelled";
}

function batchView({ tenantId, ...row }: BatchRow, { counts, usage }: BatchTally): BatchView {
  return {
    ...row,
    tenant: tenantId,
    status: statusOf(row.finishedAt, counts),
    counts,
    usage,
    createdAt: row.createdAt.toISOString(),
    cancelledAt: isoOrNull(row.cancelledAt),
    finishedAt: isoOrNull(row.finishedAt),
  };
}

/** @throws ApiError batch_not_found */
async function read(reads: Reads, scope: TenantScope, id: string): Promise<BatchView> {
  const row = await reads.batches.find(scope, id);
  if (!row) throw new ApiError("batch_not_found");
  const tallies = await reads.batches.tally(scope, [row.id]);
  return batchView(row, tallies.get(row.id) ?? none);
}

/** Reads and cancellation of batches. */
export function batchRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(listRoute(services));
    await app.register(oneBatchRoutes(services));
  };
}

function listRoute({ reads }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/batches",
      {
        schema: {
          tags,
          summary: "List batches, newest first",
          querystring: ListQuery,
          response: answers({ 200: BatchPage }, ["invalid_field", "forbidden"]),
        },
      },
      async ({ scope, query: { kind, tenant, limit, cursor } }) => {
        const after = decodeCursor(cursor);
        const seen = narrow(scope, tenant);
        const rows = await reads.batches.list(seen, { kind }, { limit: limit + 1, after });
        const page = pageOf(rows, limit, (row) => row);
        const tallies = await reads.batches.tally(
          seen,
          page.rows.map((row) => row.id),
        );
        const batches = page.rows.map((row) => batchView(row, tallies.get(row.id) ?? none));
        return { batches, nextCursor: page.nextCursor };
      },
    );
  };
}

function oneBatchRoutes({ reads, cancels }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/batches/:id",
      {
        schema: {
          tags,
          summary: "Read a batch",
          params: BatchParams,
          response: answers({ 200: BatchView }, ["batch_not_found"]),
        },
      },
      ({ scope, params }) => read(reads, scope, params.id),
    );
    app.post(
      "/v1/batches/:id/cancel",
      {
        schema: {
          tags,
          summary: "Cancel the open jobs of a batch; finished ones stay",
          params: BatchParams,
          response: answers({ 200: BatchView }, ["batch_not_found", "already_finished"]),
        },
      },
      async ({ scope, params }) => {
        const batch = await read(reads, scope, params.id);
        const changed = batch.finishedAt === null ? await cancels.batch(batch.tenant, batch.id) : 0;
        if (changed === 0) {
          const { status } = await read(reads, scope, batch.id);
          throw new ApiError("already_finished", { values: { status } });
        }
        return read(reads, scope, batch.id);
      },
    );
  };
}
