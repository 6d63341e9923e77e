import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ApiMetrics } from "@ilgam/telemetry";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** The client's X-Request-Id when it is harmless, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** Answers to questions asked every few seconds would drown the log. */
function isQuiet(request: FastifyRequest, status: number): boolean {
  return status < 400 && (request.method === "GET" || request.method === "HEAD");
}

/** One log line and one measurement for each answer; the request's id goes back to the client. */
export const observation = fastifyPlugin(async (app, { metrics }: { metrics: ApiMetrics }) => {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? "none";
    const status = reply.statusCode;
    metrics.request({ method, route, status }, reply.elapsedTime / 1_000);
    // Never the query: it may hold what should not be logged.
    const path = request.url.split("?", 1)[0];
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const line = { method, path, status, ms, caller: request.callerId };
    request.log[isQuiet(request, status) ? "debug" : "info"](line, "answered");
  });
});
