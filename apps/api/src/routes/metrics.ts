import type { FastifyPluginAsync } from "fastify";
import type { Metrics } from "../metrics.ts";

/** `GET /metrics` for Prometheus, with the operator's key. */
export function metricsRoute(metrics: Metrics): FastifyPluginAsync {
  return async (app) => {
    app.get(
      "/metrics",
      { config: { access: "operator" }, schema: { hide: true } },
      async (_request, reply) => {
        const { text, contentType } = await metrics.read();
        return reply.type(contentType).send(text);
      },
    );
  };
}
