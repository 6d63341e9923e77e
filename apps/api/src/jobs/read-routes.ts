import { JobStatus, JobView } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { decodeCursor, PageQuery, pageOf } from "../pages.ts";
import { jobFilterOf, narrow } from "./job-filter.ts";
import { JobPage, JobParams } from "./schemas.ts";

const tags = ["jobs"];
const moment = z.iso.datetime({ offset: true });

/** The conditions of a listing, by address. */
const ListQuery = z.object({
  kind: z.string().max(100).optional(),
  status: JobStatus.optional(),
  batch: z.string().max(200).optional().meta({ description: "Uuid or public id of a batch." }),
  tag: z.string().max(100).optional(),
  createdAfter: moment.optional().meta({ description: "This moment included." }),
  createdBefore: moment.optional().meta({ description: "This moment excluded." }),
  tenant: z.string().max(100).optional().meta({ description: "Operators see all by default." }),
  ...PageQuery,
});

/** The reads of jobs. */
export function readJobRoutes(services: AppServices): FastifyPluginAsyncZod {
  const { views } = services;
  return async (app) => {
    app.get(
      "/v1/jobs",
      {
        schema: {
          tags,
          operationId: "listJobs",
          summary: "List jobs, newest first; an operator those of all tenants",
          querystring: ListQuery,
          response: answers({ 200: JobPage }, ["invalid_field", "forbidden"]),
        },
      },
      async ({ scope: whole, language, query }) => {
        const scope = narrow(whole, query.tenant);
        const filter = await jobFilterOf(services, scope, query);
        const after = decodeCursor(query.cursor);
        if (filter === undefined) return { jobs: [], nextCursor: null };
        const { limit } = query;
        const jobs = await views.list(scope, filter, { limit: limit + 1, after }, language);
        const keyOf = (job: JobView) => ({ createdAt: new Date(job.createdAt), id: job.id });
        const page = pageOf(jobs, limit, keyOf);
        return { jobs: page.rows, nextCursor: page.nextCursor };
      },
    );
    app.get(
      "/v1/jobs/:id",
      {
        schema: {
          tags,
          operationId: "getJob",
          summary: "Read a job",
          params: JobParams,
          response: answers({ 200: JobView }, ["job_not_found"]),
        },
      },
      ({ scope, language, params }) => views.get(scope, params.id, language),
    );
  };
}
