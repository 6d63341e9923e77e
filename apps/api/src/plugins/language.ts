import type { Language } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import "../request-decorators.ts";

/** English only when the address asks: browsers send Accept-Language by themselves. */
export function languageOf(request: FastifyRequest): Language {
  const { query } = request;
  const asked = query !== null && typeof query === "object" && "lang" in query ? query.lang : "";
  return asked === "en" ? "en" : "ko";
}

/** Decorates each request with its language. */
export const language = fastifyPlugin(async (app) => {
  app.decorateRequest("language", "ko");
  app.addHook("onRequest", async (request) => {
    request.language = languageOf(request);
  });
});
