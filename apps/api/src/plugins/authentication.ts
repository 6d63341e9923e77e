import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { ApiEnv } from "../env.ts";
import "../request-decorators.ts";

type Caller = { tenantId: string; isOperator: boolean };

const anonymous: Caller = { tenantId: "public", isOperator: false };

/** In constant time whatever the lengths. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? "";
}

function callerOf(request: FastifyRequest, env: ApiEnv): Caller {
  if (env.authMode === "off") {
    // A page of another site can post to this machine without asking; its browser says so.
    if (request.headers["sec-fetch-site"] === "cross-site") throw new ApiError("forbidden");
    return { tenantId: "public", isOperator: true };
  }
  const bearer = bearerOf(request);
  if (bearer !== undefined && env.adminApiKey && equal(bearer, env.adminApiKey)) {
    return { tenantId: "default", isOperator: true };
  }
  if (bearer !== undefined) throw new ApiError("unauthorized");
  const { system } = request.routeOptions.config;
  if (system !== undefined && env.anonymousSystems.has(system)) return anonymous;
  throw new ApiError("unauthorized");
}

/** Lets callers in, before anything of the request is read, and says whose jobs they see. */
export const authentication = fastifyPlugin(async (app, { env }: { env: ApiEnv }) => {
  app.decorateRequest("tenantId", "public");
  app.decorateRequest("scope", "public");
  app.decorateRequest("isOperator", false);
  app.addHook("onRequest", async (request) => {
    const { access = "tenant" } = request.routeOptions.config;
    // No route: the answer is 404, with a key and without.
    if (request.is404 || access === "anyone") return;
    const caller = callerOf(request, env);
    if (access === "operator" && !caller.isOperator) throw new ApiError("forbidden");
    request.tenantId = caller.tenantId;
    request.scope = caller.isOperator ? null : caller.tenantId;
    request.isOperator = caller.isOperator;
  });
});
