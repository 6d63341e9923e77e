import { STATUS_CODES } from "node:http";
import { ApiError, type Language, message } from "@ilgam/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { drain } from "./json-body.ts";
import { languageOf } from "./language.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

function problemBody(refusal: Refusal, language: Language, requestId: string) {
  return {
    type: `urn:ilgam:error:${refusal.code}`,
    title: STATUS_CODES[refusal.status] ?? "Error",
    status: refusal.status,
    detail: message(refusal.code, language, refusal.values),
    code: refusal.code,
    ...(refusal.details ? { errors: refusal.details } : {}),
    instance: `urn:ilgam:request:${requestId}`,
  };
}

function systemBody(refusal: Refusal, language: Language) {
  const details = refusal.rows ?? refusal.details;
  return {
    success: false,
    error: message(refusal.code, language, refusal.values),
    code: refusal.code,
    ...(details ? { details } : {}),
  };
}

function log(request: FastifyRequest, refusal: Refusal, error: unknown): void {
  if (refusal.code === "internal") request.log.error({ err: error }, "request failed");
  else if (refusal.status >= 500) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    request.log.warn({ code: refusal.code, cause: String(cause) }, "request not served");
  } else request.log.debug({ code: refusal.code }, "request refused");
}

/** Answers with the refusal in the form of the route: a problem body under /v1, else a plain one. */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  bodyLimitBytes: number,
): Promise<FastifyReply> {
  const { language } = request;
  // A route may have a limit of its own; a request that reached none has no route.
  const { bodyLimit = bodyLimitBytes } = request.routeOptions ?? {};
  const refusal = refusalOf(error, language, bodyLimit);
  log(request, refusal, error);
  const isForm = /^multipart\//i.test(request.headers["content-type"] ?? "");
  if (isForm || refusal.code === "payload_too_large") await drain(request.raw);
  reply.code(refusal.status);
  if (refusal.retryAfterSeconds !== undefined) {
    reply.header("retry-after", Math.max(1, Math.ceil(refusal.retryAfterSeconds)));
  }
  if (refusal.status === 401) reply.header("www-authenticate", "Bearer");
  const isGeneric = request.url === "/v1" || request.url.startsWith("/v1/");
  // Serialised here: the routes' schemas describe their own answers only.
  return isGeneric
    ? reply
        .type("application/problem+json")
        .serializer(JSON.stringify)
        .send(problemBody(refusal, language, request.id))
    : reply
        .type("application/json; charset=utf-8")
        .serializer(JSON.stringify)
        .send(systemBody(refusal, language));
}

/** The app's one error handler, also for addresses that do not exist. */
export const errors = fastifyPlugin(async (app, options: { bodyLimitBytes: number }) => {
  app.setErrorHandler((error, request, reply) =>
    answer(request, reply, error, options.bodyLimitBytes),
  );
  app.setNotFoundHandler((request, reply) =>
    answer(request, reply, new ApiError("not_found"), options.bodyLimitBytes),
  );
  app.addHook("onRequest", async (request) => {
    // Decoded it would be a character that Postgres cannot take in any comparison.
    if (!request.url.includes("%00")) return;
    throw new ApiError("invalid_field", {
      details: [{ path: "url", problem: message("text_nul", request.language) }],
    });
  });
});

/** For requests that reach no route, such as an address with a broken escape. */
export function answerFrameworkError(bodyLimitBytes: number) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    // No hook ran for it.
    request.language = languageOf(request);
    answer(request, reply, error, bodyLimitBytes).catch((failure: unknown) => {
      request.log.error({ err: failure }, "the error handler failed");
    });
  };
}
