import { setTimeout as delay } from "node:timers/promises";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import { ApiError, message } from "@ilgam/contracts";
import type { Dispatcher } from "@ilgam/queue";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { AdminSessions } from "../access/admin-sessions.ts";
import { DeliveryAdapter } from "./delivery-adapter.ts";
import { sendAwayPage, sendLoginPage } from "./login-page.ts";
import { boardPageOf, loginRoutes, wantsPage } from "./login-routes.ts";
import { setPageHeaders, withoutOutsideLinks } from "./page-headers.ts";

const basePath = "/admin/queues";

/**
 * Bull Board, read-only: jobs are changed through the API, which writes to Postgres first.
 * @param sessions whose login page browsers get; undefined: everybody is let in.
 */
export function bullBoard(
  dispatcher: Dispatcher,
  sessions: AdminSessions | undefined,
): FastifyPluginAsync {
  return async (app) => {
    app.addHook("onSend", async ({ url }, reply, payload) => {
      setPageHeaders(url.split("?", 1)[0] ?? "", reply);
      return typeof payload === "string" ? withoutOutsideLinks(payload) : payload;
    });
    const refuse = createRefusal(app);
    app.setErrorHandler(refuse);
    if (sessions) await app.register(loginRoutes(sessions));
    await app.register(async (scope) => {
      // Bull Board's routes come without a config of ours, and with an error handler of its own.
      scope.addHook("onRoute", (route) => {
        route.config = { ...route.config, access: "operator" };
        route.schema = { ...route.schema, hide: true };
        // oxlint-disable-next-line typescript/no-misused-promises -- Fastify waits for it; its type does not tell.
        route.errorHandler = refuse;
      });
      scope.addHook("onRequest", async ({ method }, reply) => {
        if (method === "GET" || method === "HEAD") return;
        reply.header("allow", "GET, HEAD");
        throw new ApiError("read_only");
      });
      // After the callers' keys have been looked at.
      scope.addHook("preHandler", async ({ url }) => {
        if (!url.startsWith(`${basePath}/static/`)) await assertRedis(dispatcher);
      });
      await scope.register(createBoard(dispatcher, sessions !== undefined), { prefix: basePath });
    });
  };
}

/** Refusals: to a browser that is to show a page the login form, to others as everywhere. */
function createRefusal(app: FastifyInstance) {
  const { errorHandler } = app;
  return (error: Error, request: FastifyRequest, reply: FastifyReply) => {
    const isLogin = request.routeOptions.url === `${basePath}/login`;
    const isKnown = error instanceof ApiError;
    const isAway = isKnown && error.code === "board_unavailable";
    const asksForKey = isKnown && (error.code === "unauthorized" || isLogin);
    const hasPage = wantsPage(request) && (asksForKey || isAway);
    if (!hasPage) return errorHandler.call(app, error, request, reply);
    const { language, url, query } = request;
    const { code, retryAfterSeconds } = error;
    if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
    if (isAway) {
      const page = { language, next: boardPageOf(url), problem: message(code, language) };
      return sendAwayPage(reply, error.statusCode, page);
    }
    if (error.statusCode === 401) reply.header("www-authenticate", "Bearer");
    const next = isLogin ? (query as { next?: string }).next : url;
    const problem = code === "unauthorized" ? undefined : message(code, language);
    return sendLoginPage(reply, error.statusCode, { language, next: boardPageOf(next), problem });
  };
}

const patienceMs = 500;

/** @throws ApiError board_unavailable when Redis does not answer soon */
async function assertRedis(dispatcher: Pick<Dispatcher, "ping">): Promise<void> {
  const late = new AbortController();
  try {
    const tooLate = delay(patienceMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`Redis did not answer within ${patienceMs} ms`);
    });
    await Promise.race([dispatcher.ping(), tooLate]);
  } catch (cause) {
    throw new ApiError("board_unavailable", { retryAfterSeconds: 5, cause });
  } finally {
    late.abort();
  }
}

function createBoard(dispatcher: Dispatcher, hasLogin: boolean) {
  const both = (key: Parameters<typeof message>[0]) =>
    `${message(key, "ko")} / ${message(key, "en")}`;
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    queues: [
      ...dispatcher.bullQueues().map(
        (queue) =>
          new DeliveryAdapter(queue, {
            readOnlyMode: true,
            description: both("board_deliveries"),
            externalJobUrl: ({ data }) => ({
              ...{ href: `/v1/jobs/${data?.id}`, displayText: "JobView" },
            }),
          }),
      ),
      new BullMQAdapter(dispatcher.bullSchedules(), {
        readOnlyMode: true,
        description: both("board_schedules"),
        externalJobUrl: ({ data }) => ({
          ...{ href: `/v1/schedules/${data?.scheduleId}`, displayText: "Schedule" },
        }),
      }),
    ],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: "Ilgam",
        hideDocsLink: true,
        miscLinks: hasLogin ? [{ text: both("login_leave"), url: `${basePath}/login` }] : [],
      },
    },
  });
  serverAdapter.setBasePath(basePath);
  return serverAdapter.registerPlugin();
}
