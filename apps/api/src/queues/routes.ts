import { QueuePatch } from "@ilgam/contracts";
import { changeOverrides, type QueueSettings, setPaused } from "@ilgam/db";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { queueBacklogRoute } from "./backlog-route.ts";
import {
  findQueueView,
  listQueueViews,
  QueueView,
  queueNotFound,
  type Warn,
} from "./queue-views.ts";

const tags = ["queues"];
const config = { access: "operator" } as const;
const params = z.object({ name: z.string() });

/** Redis did not answer: worth a line, not an error. */
function warnInto(request: FastifyRequest): Warn {
  return (error) => request.log.warn({ cause: String(error) }, "Redis does not answer");
}

/**
 * Writes to Postgres, the settings' home, and copies to Redis what then holds; a Redis that is away
 * gets it from the sweeper when it is back.
 * @throws ApiError queue_not_found
 */
async function change(
  services: AppServices,
  request: FastifyRequest<{ Params: z.infer<typeof params> }>,
  write: (name: string) => Promise<QueueSettings | undefined>,
): Promise<QueueView> {
  const { name } = request.params;
  const warn = warnInto(request);
  const settings = services.kinds.has(name) ? await write(name) : undefined;
  if (!settings) throw queueNotFound(name);
  await services.dispatcher.applyChange(settings).catch(warn);
  return findQueueView(services, name, warn);
}

/** The queues: reads, backlog, settings, pause and resume. */
export function queueRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(readRoutes(services));
    await app.register(queueBacklogRoute(services));
    await app.register(changeRoutes(services));
  };
}

function readRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/queues",
      {
        schema: {
          tags,
          operationId: "listQueues",
          summary: "List the queues: pauses, limits and depths",
          response: answers({ 200: z.object({ queues: z.array(QueueView) }) }, ["forbidden"]),
        },
        config,
      },
      async (request) => ({ queues: await listQueueViews(services, warnInto(request)) }),
    );
    app.get(
      "/v1/queues/:name",
      {
        schema: {
          tags,
          operationId: "getQueue",
          summary: "Read a queue: what is declared, what was set, what holds now and why",
          params,
          response: answers({ 200: QueueView }, ["forbidden", "queue_not_found"]),
        },
        config,
      },
      (request) => findQueueView(services, request.params.name, warnInto(request)),
    );
  };
}

function changeRoutes(services: AppServices): FastifyPluginAsyncZod {
  const { sql } = services.db;
  return async (app) => {
    app.patch(
      "/v1/queues/:name",
      {
        schema: {
          tags,
          operationId: "updateQueue",
          summary: "Change a queue's limits while it runs; `reset` gives declared ones back",
          params,
          body: QueuePatch,
          response: answers({ 200: QueueView }, [
            ...(["malformed_json", "forbidden", "queue_not_found", "invalid_field"] as const),
          ]),
        },
        config,
      },
      (request) => {
        const { reset = [], ...set } = request.body;
        return change(services, request, (name) => changeOverrides(sql, name, { set, reset }));
      },
    );
    for (const [verb, operationId, paused, summary] of [
      ["pause", "pauseQueue", true, "Pause a queue: running jobs end, no other starts"],
      ["resume", "resumeQueue", false, "Resume a paused queue"],
    ] as const) {
      app.post(
        `/v1/queues/:name/${verb}`,
        {
          schema: {
            tags,
            operationId,
            summary,
            params,
            response: answers({ 200: QueueView }, ["forbidden", "queue_not_found"]),
          },
          config,
        },
        (request) => change(services, request, (name) => setPaused(sql, name, paused)),
      );
    }
  };
}
