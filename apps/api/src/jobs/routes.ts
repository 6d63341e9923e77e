import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { AppServices } from "../app-services.ts";
import { controlJobsByFilterRoutes } from "./control-by-filter-routes.ts";
import { controlJobRoutes } from "./control-routes.ts";
import { jobHistoryRoutes } from "./history-routes.ts";
import { readJobRoutes } from "./read-routes.ts";
import { submitJobRoutes } from "./submit-routes.ts";

/** `/v1/jobs`: submit, read, history, cancel and retry. */
export function jobRoutes(
  services: AppServices,
  options: { bodyLimitBytes: number },
): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(submitJobRoutes(services, options));
    await app.register(readJobRoutes(services));
    await app.register(jobHistoryRoutes(services));
    await app.register(controlJobRoutes(services));
    await app.register(controlJobsByFilterRoutes(services));
  };
}
