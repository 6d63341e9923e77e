import type { ApiMetrics } from "@ilgam/telemetry";
import type { FastifyPluginAsync } from "fastify";

/** `GET /metrics` for Prometheus, with the operator's key. */
export function metricsRoute(metrics: Pick<ApiMetrics, "read">): FastifyPluginAsync {
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
