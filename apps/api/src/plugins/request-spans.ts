import type { RequestSpan, Tracing } from "@ilgam/telemetry";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** Asked every few seconds, and of no interest to anybody who follows a job. */
const untraced = new Set(["/healthz", "/acceptz", "/readyz", "/metrics"]);

/**
 * A span for each request, in the trace of the client's `traceparent` when it has one. Register it
 * first, so that every other hook runs in the span.
 */
export const requestSpans = fastifyPlugin(async (app, { tracing }: { tracing: Tracing }) => {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook("onRequest", (request, _reply, done) => {
    if (untraced.has(request.routeOptions.url ?? "")) return done();
    const [path = ""] = request.url.split("?", 1);
    const { traceparent } = request.headers;
    const span = tracing.startRequest({ method: request.method, path, traceparent });
    spans.set(request, span);
    span.run(done);
  });
  // A body comes in by events of the socket, which belong to no span.
  app.addHook("preValidation", (request, _reply, done) => {
    const span = spans.get(request);
    if (span) span.run(done);
    else done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    spans.get(request)?.end({ route, status: reply.statusCode });
    done();
  });
});
