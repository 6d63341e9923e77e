import { bearerOf, isLoopbackHostHeader, isSameKey, type KeyRing } from "@ilgam/access";
import { ApiError } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import type { ApiEnv } from "../env.ts";
import type { AdminSessions } from "./admin-sessions.ts";
import { anonymous, type Caller, isRead, local, operator } from "./caller.ts";
import { isSessionPath, sessionTokenOf } from "./session-cookie.ts";

export type CallerSources = {
  env: ApiEnv;
  /** Undefined: there are no logins. */
  sessions: AdminSessions | undefined;
  keys: KeyRing;
};

/**
 * Who sent the request, told by its Bearer key, its cookie or its route.
 * @throws ApiError unauthorized, session_reads_only, forbidden, host_refused; what the look-up of
 *   a key threw
 */
export async function callerOf(request: FastifyRequest, sources: CallerSources): Promise<Caller> {
  const { env, sessions, keys } = sources;
  if (env.authMode === "off") return callerHere(request, env);
  const bearer = bearerOf(request.headers.authorization);
  if (bearer !== undefined) {
    if (env.adminApiKey && isSameKey(bearer, env.adminApiKey)) return operator;
    const holder = await keys.holderOf(bearer);
    if (!holder) throw new ApiError("unauthorized");
    const { id, tenantId, scopes } = holder;
    const isOperator = scopes.includes("admin");
    return { tenantId, isOperator, mayMakeAdmins: false, key: { id, scopes } };
  }
  const bySession = callerOfSession(request, sessions);
  if (bySession) return bySession;
  const { system } = request.routeOptions.config;
  if (system !== undefined && env.anonymousSystems.has(system)) return anonymous;
  throw new ApiError("unauthorized");
}

/** Without keys a page of the web must not get in through the browser of who sits here. */
function callerHere({ headers }: FastifyRequest, env: ApiEnv): Caller {
  // Posted from another site's page, as its browser says.
  if (headers["sec-fetch-site"] === "cross-site") throw new ApiError("forbidden");
  // Sent by a page whose own name was made to point here: to its browser that is the same site.
  const { host } = headers;
  if (host === undefined || isLoopbackHostHeader(host)) return local;
  if (env.allowedHosts.has(host.toLowerCase().replace(/:\d*$/, ""))) return local;
  throw new ApiError("host_refused");
}

/**
 * The operator of a browser that logged in. A cookie comes along whoever made the browser send it,
 * so it lets in nothing but reads.
 */
function callerOfSession(request: FastifyRequest, sessions?: AdminSessions): Caller | undefined {
  if (!sessions || !isSessionPath(request.routeOptions.url ?? "")) return undefined;
  if (!sessions.endOf(sessionTokenOf(request) ?? "")) return undefined;
  if (!isRead(request.method)) throw new ApiError("session_reads_only");
  return { ...operator, bySession: true };
}
