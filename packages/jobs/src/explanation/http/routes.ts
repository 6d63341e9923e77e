import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { promptRoutes } from "./prompt-routes.ts";
import { questionRoutes } from "./question-routes.ts";
import { setRoutes } from "./set-routes.ts";
import { templateRoute } from "./upload/template-route.ts";
import { uploadRoute } from "./upload/upload-route.ts";

/**
 * System 1, explanations for exam questions: passage sets, uploads, the state of explanations,
 * prompts. @throws Error when `EXPLANATION_UPLOAD_LIMIT_BYTES` is wrong
 */
export function explanationRoutes(deps: RouteDependencies): FastifyPluginAsyncZod {
  const parts = [setRoutes, uploadRoute, templateRoute, questionRoutes, promptRoutes].map((part) =>
    part(deps),
  );
  return async (app) => {
    for (const part of parts) await app.register(part);
  };
}
