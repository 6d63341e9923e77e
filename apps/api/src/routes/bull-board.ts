import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Dispatcher } from "@ilgam/queue";
import type { FastifyPluginAsync } from "fastify";

const basePath = "/admin/queues";

/** Bull Board, read-only: jobs are changed through the API, which writes to Postgres first. */
export function bullBoard(dispatcher: Dispatcher): FastifyPluginAsync {
  return async (app) => {
    const serverAdapter = new FastifyAdapter();
    createBullBoard({
      queues: dispatcher
        .bullQueues()
        .map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
      serverAdapter,
    });
    serverAdapter.setBasePath(basePath);
    // Its routes come without a config of ours: they are the operator's.
    app.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "operator" };
      route.schema = { ...route.schema, hide: true };
    });
    await app.register(serverAdapter.registerPlugin(), { prefix: basePath });
  };
}
