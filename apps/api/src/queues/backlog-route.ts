import { listQueueSettings, remember } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { queueNotFound } from "./queue-views.ts";

const BacklogView = z
  .object({
    queue: z.string(),
    /** What workers are needed for: those that wait and may start, and those that run. */
    backlog: z.int(),
    /** Due and waiting, counted to 10,000. */
    waiting: z.int(),
    processing: z.int(),
  })
  .meta({ id: "Backlog" });

/** Several scalers may ask at once. */
const maxAgeMs = 1_000;

/** `GET /v1/queues/:name/backlog`: the signal for an autoscaler. */
export function queueBacklogRoute({ db, reads, kinds }: AppServices): FastifyPluginAsyncZod {
  const read = remember(async (name) => {
    const [settings, { waiting, processing }] = await Promise.all([
      listQueueSettings(db.sql),
      reads.queues.backlog(name),
    ]);
    // More workers would not take what a paused queue holds.
    const isPaused = settings.find((one) => one.name === name)?.inForce.paused ?? false;
    return { queue: name, backlog: processing + (isPaused ? 0 : waiting), waiting, processing };
  }, maxAgeMs);
  return async (app) => {
    app.get(
      "/v1/queues/:name/backlog",
      {
        schema: {
          tags: ["queues"],
          operationId: "getQueueBacklog",
          summary: "How much there is to do in a queue: 0 when workers may be scaled to none",
          params: z.object({ name: z.string() }),
          response: answers({ 200: BacklogView }, ["forbidden", "queue_not_found"]),
        },
        config: { access: "operator" },
      },
      async ({ params: { name } }) => {
        if (!kinds.has(name)) throw queueNotFound(name);
        return read(name);
      },
    );
  };
}
