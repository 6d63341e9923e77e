import { ApiError } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { narrow } from "../jobs/job-filter.ts";
import { decodeCursor, PageQuery, pageOf } from "../pages.ts";
import { batchView, readBatch } from "./batch-view.ts";
import { BatchPage, BatchParams, BatchView } from "./schemas.ts";

const tags = ["batches"];
const ListQuery = z.object({
  kind: z.string().max(100).optional(),
  tenant: z.string().max(100).optional().meta({ description: "Operators see all by default." }),
  ...PageQuery,
});
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
          operationId: "listBatches",
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
        const batches = page.rows.map((row) => batchView(row, tallies.get(row.id)));
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
          operationId: "getBatch",
          summary: "Read a batch",
          params: BatchParams,
          response: answers({ 200: BatchView }, ["batch_not_found"]),
        },
      },
      ({ scope, params }) => readBatch(reads, scope, params.id),
    );
    app.post(
      "/v1/batches/:id/cancel",
      {
        schema: {
          tags,
          operationId: "cancelBatch",
          summary: "Cancel the open jobs of a batch; finished ones stay",
          params: BatchParams,
          response: answers({ 200: BatchView }, ["batch_not_found", "already_finished"]),
        },
      },
      async ({ scope, params }) => {
        const batch = await readBatch(reads, scope, params.id);
        const changed = batch.finishedAt === null ? await cancels.batch(batch.tenant, batch.id) : 0;
        if (changed === 0) {
          const { status } = await readBatch(reads, scope, batch.id);
          throw new ApiError("already_finished", { values: { status } });
        }
        return readBatch(reads, scope, batch.id);
      },
    );
  };
}
