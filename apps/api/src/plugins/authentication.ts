import { ApiError } from "@ilgam/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { ApiEnv } from "../env.ts";
import { isSameKey } from "../session/admin-key.ts";
import type { AdminSessions } from "../session/admin-sessions.ts";
import { isSessionPath, sessionTokenOf } from "../session/session-cookie.ts";
import "../request-decorators.ts";

type Caller = { tenantId: string; isOperator: boolean; bySession?: boolean };
type Options = { env: ApiEnv; sessions: AdminSessions | undefined };

const anonymous: Caller = { tenantId: "public", isOperator: false };
const operator: Caller = { tenantId: "default", isOperator: true };

function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? "";
}

/**
 * The operator of a browser that logged in. A cookie comes along whoever made the browser send it,
 * so it lets in nothing but reads.
 * @throws ApiError session_reads_only
 */
function callerOfSession(request: FastifyRequest, sessions?: AdminSessions): Caller | undefined {
  if (!sessions || !isSessionPath(request.routeOptions.url ?? "")) return undefined;
  if (!sessions.endOf(sessionTokenOf(request) ?? "")) return undefined;
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead) throw new ApiError("session_reads_only");
  return { ...operator, bySession: true };
}

function callerOf(request: FastifyRequest, { env, sessions }: Options): Caller {
  if (env.authMode === "off") {
    // A page of another site can post to this machine without asking; its browser says so.
    if (request.headers["sec-fetch-site"] === "cross-site") throw new ApiError("forbidden");
    return { tenantId: "public", isOperator: true };
  }
  const bearer = bearerOf(request);
  if (bearer !== undefined && env.adminApiKey && isSameKey(bearer, env.adminApiKey)) {
    return operator;
  }
  if (bearer !== undefined) throw new ApiError("unauthorized");
  const bySession = callerOfSession(request, sessions);
  if (bySession) return bySession;
  const { system } = request.routeOptions.config;
  if (system !== undefined && env.anonymousSystems.has(system)) return anonymous;
  throw new ApiError("unauthorized");
}

/** What a browser shows for its cookie is neither kept nor taken for something else. */
function keepPrivate(reply: FastifyReply): void {
  reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
}

/** Lets callers in, before anything of the request is read, and says whose jobs they see. */
export const authentication = fastifyPlugin(async (app, options: Options) => {
  app.decorateRequest("tenantId", "public");
  app.decorateRequest("scope", "public");
  app.decorateRequest("isOperator", false);
  app.addHook("onRequest", async (request, reply) => {
    const { access = "tenant" } = request.routeOptions.config;
    // No route: the answer is 404, with a key and without.
    if (request.is404 || access === "anyone") return;
    const caller = callerOf(request, options);
    if (access === "operator" && !caller.isOperator) throw new ApiError("forbidden");
    request.tenantId = caller.tenantId;
    request.scope = caller.isOperator ? null : caller.tenantId;
    request.isOperator = caller.isOperator;
    if (caller.bySession) keepPrivate(reply);
  });
});
