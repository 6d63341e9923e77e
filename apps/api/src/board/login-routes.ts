import formbody from "@fastify/formbody";
import rateLimit from "@fastify/rate-limit";
import { ApiError } from "@ilgam/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AdminSessions } from "../access/admin-sessions.ts";
import { isSameOrigin } from "../access/same-origin.ts";
import { sessionTokenOf, setSessionCookie } from "../access/session-cookie.ts";
import { sendLoginPage, sendSessionPage } from "./login-page.ts";

const boardUrl = "/admin/queues";
const Query = z.object({ next: z.string().max(2_000).optional().catch(undefined) });
/** Whatever else is posted is no key. */
const Login = z.object({ key: z.string().catch("") }).catch({ key: "" });

/** Tries of one address, the right ones too, in each window; each process counts its own. */
const maxTries = 10;
const triesWindowMs = 5 * 60_000;
/** The addresses longest unseen are forgotten beyond so many. */
const maxAddresses = 5_000;

/** The page to go on to: one of the board's, whatever was asked for. */
export function boardPageOf(asked: string | undefined): string {
  const url = asked === undefined ? null : URL.parse(asked, "http://board.invalid");
  const isBoards =
    url?.host === "board.invalid" &&
    (url.pathname === boardUrl || url.pathname.startsWith(`${boardUrl}/`)) &&
    !/^\/admin\/queues\/log(in|out)\b/.test(url.pathname);
  return isBoards ? `${url.pathname}${url.search}` : boardUrl;
}

/** True for a browser that is to show a page, rather than a script or another program. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? "");
}

/** The login page, login and logout. Only their own pages may post to them. */
export function loginRoutes(sessions: AdminSessions): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(formbody, { bodyLimit: 8_192 });
    await app.register(rateLimit, { global: false, cache: maxAddresses });
    const countTry = app.createRateLimit({ max: maxTries, timeWindow: triesWindowMs });
    const config = { access: "anyone" } as const;
    const schema = { hide: true, querystring: Query };

    app.get(`${boardUrl}/login`, { schema, config }, (request, reply) => {
      const { language } = request;
      const next = boardPageOf(request.query.next);
      const expiresAt = sessions.endOf(sessionTokenOf(request) ?? "");
      return expiresAt
        ? sendSessionPage(reply, { language, next, expiresAt })
        : sendLoginPage(reply, 200, { language, next });
    });
    app.post(
      `${boardUrl}/login`,
      { schema: { ...schema, body: Login }, config, onRequest: refuseOtherSites },
      async (request, reply) => {
        const tries = await countTry(request);
        if (!tries.isAllowed && tries.isExceeded) {
          throw new ApiError("too_many_requests", { retryAfterSeconds: tries.ttlInSeconds });
        }
        if (!sessions.isKey(request.body.key)) {
          request.log.warn({ ip: request.ip }, "admin login refused");
          throw new ApiError("wrong_key");
        }
        request.log.info({ ip: request.ip }, "admin login");
        setSessionCookie(request, reply, sessions.begin());
        return reply.redirect(boardPageOf(request.query.next), 303);
      },
    );
    app.post(
      `${boardUrl}/logout`,
      { schema, config, onRequest: refuseOtherSites },
      async (request, reply) => {
        setSessionCookie(request, reply, undefined);
        const suffix = request.language === "en" ? "?lang=en" : "";
        return reply.redirect(`${boardUrl}/login${suffix}`, 303);
      },
    );
  };
}

async function refuseOtherSites(request: FastifyRequest, _reply: FastifyReply): Promise<void> {
  if (!isSameOrigin(request)) throw new ApiError("cross_site");
}
