import { JobView } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { AppServices } from "../app-services.ts";
import { answers } from "./answers.ts";
import { JobParams } from "./schemas.ts";

const tags = ["jobs"];

/** Cancel and retry of one job. */
export function controlJobRoutes({ views, cancels, retries }: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    const cancelSchema = {
      tags,
      summary: "Cancel a job; a running one is asked to stop",
      params: JobParams,
      response: answers({ 200: JobView }, ["job_not_found", "already_finished"]),
    };
    for (const [method, url] of [
      ["POST", "/v1/jobs/:id/cancel"],
      ["DELETE", "/v1/jobs/:id"],
    ] as const) {
      app.route({
        method,
        url,
        schema: cancelSchema,
        handler: async ({ tenantId, language, params }) => {
          const { id } = await views.find(tenantId, params.id);
          await cancels.job(tenantId, id);
          return views.get(tenantId, id, language);
        },
      });
    }
    app.post(
      "/v1/jobs/:id/retry",
      {
        schema: {
          tags,
          summary: "Start a new run of a job that has ended",
          params: JobParams,
          response: answers({ 200: JobView }, ["job_not_found", "not_finished"]),
        },
      },
      async ({ tenantId, language, params }) => {
        const job = await views.find(tenantId, params.id);
        await retries.job(tenantId, job);
        return views.get(tenantId, job.id, language);
      },
    );
  };
}
