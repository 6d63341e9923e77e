import type { FastifyReply, FastifyRequest } from "fastify";
import type { NewSession } from "./admin-sessions.ts";

const name = "ilgam_admin";

/** What a login opens, for reading: the browser sends the cookie there only. */
const sessionPaths = ["/admin/queues", "/v1", "/metrics"] as const;

/** True for the addresses that a login opens. */
export function isSessionPath(routePattern: string): boolean {
  return sessionPaths.some((path) => routePattern === path || routePattern.startsWith(`${path}/`));
}

/** The session token that came with the request. */
export function sessionTokenOf(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : request.server.parseCookie(cookie)[name];
}

/**
 * The browser came by https, if only up to a proxy. Its own Origin says it best; a client that
 * lies gets a cookie that its browser keeps to itself.
 */
function isHttps({ protocol, headers }: FastifyRequest): boolean {
  const forwarded = headers["x-forwarded-proto"]?.toString().split(",", 1)[0]?.trim();
  return protocol === "https" || forwarded === "https" || /^https:/i.test(headers.origin ?? "");
}

/** Gives the browser the token, or takes it away. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  session: NewSession | undefined,
): void {
  for (const path of sessionPaths) {
    reply.setCookie(name, session?.token ?? "", {
      path,
      maxAge: session?.lifetimeSeconds ?? 0,
      httpOnly: true,
      sameSite: "strict",
      secure: isHttps(request),
    });
  }
}
