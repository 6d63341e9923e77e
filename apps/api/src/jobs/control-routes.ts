import { JobView } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
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
    for (const [method, url, operationId] of [
      ["POST", "/v1/jobs/:id/cancel", "cancelJob"],
      ["DELETE", "/v1/jobs/:id", "deleteJob"],
    ] as const) {
      app.route({
        method,
        url,
        schema: { ...cancelSchema, operationId },
        handler: async ({ scope, language, params }) => {
          const job = await views.find(scope, params.id);
          await cancels.job(job);
          return views.get(scope, job.id, language);
        },
      });
    }
    app.post(
      "/v1/jobs/:id/retry",
      {
        schema: {
          tags,
          operationId: "retryJob",
          summary: "Start a new run of a job that has ended",
          params: JobParams,
          response: answers({ 200: JobView }, ["job_not_found", "not_finished"]),
        },
      },
      async ({ scope, language, params }) => {
        const job = await views.find(scope, params.id);
        await retries.job(job);
        return views.get(scope, job.id, language);
      },
    );
  };
}
