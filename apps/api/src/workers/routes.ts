import { listWorkers, workerStatuses } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers, timestamp } from "../answers.ts";
import type { AppServices } from "../app-services.ts";

const WorkerView = z
  .object({
    workerId: z.uuid(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    queues: z.array(z.string()),
    startedAt: timestamp,
    leaseUntil: timestamp,
    /** Jobs that it runs now. */
    inHand: z.int(),
    memoryBytes: z.number(),
    consuming: z.boolean(),
    alive: z.boolean(),
    /** In one word: takes jobs, ends, lives but takes none, has missed its beat, is gone. */
    status: z.enum(workerStatuses),
    /** By queue, how many of its jobs it runs at once now. */
    concurrency: z.record(z.string(), z.int()),
  })
  .meta({ id: "Worker" });

/** `GET /v1/workers`. */
export function workerRoutes({ db }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/workers",
      {
        schema: {
          tags: ["workers"],
          operationId: "listWorkers",
          summary: "List the worker processes of the past 24 hours, the living first",
          response: answers({ 200: z.object({ workers: z.array(WorkerView) }) }, ["forbidden"]),
        },
        config: { access: "operator" },
      },
      async () => {
        const workers = await listWorkers(db.sql);
        return {
          workers: workers.map((worker) => ({
            ...worker,
            startedAt: worker.startedAt.toISOString(),
            leaseUntil: worker.leaseUntil.toISOString(),
          })),
        };
      },
    );
  };
}
