import { ApiError, isTerminal, JobStatus } from "@ilgam/contracts";
import type { JobTarget, TenantScope } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { jobFilterOf, narrow } from "./job-filter.ts";

const tags = ["jobs"];
const moment = z.iso.datetime({ offset: true });

const Body = z
  .strictObject({
    filter: z
      .strictObject({
        kind: z.string().max(100).optional(),
        status: JobStatus.optional(),
        batch: z.string().max(200).optional(),
        tag: z.string().max(100).optional(),
        /** Code of the error, such as `provider_unavailable`. */
        error: z.string().max(100).optional(),
        createdAfter: moment.optional(),
        createdBefore: moment.optional(),
        /** An operator means all tenants by default. */
        tenant: z.string().max(100).optional(),
      })
      .default({}),
    /** Only tells what would be done. */
    dryRun: z.boolean().default(true),
    /** Most jobs that one call changes, the oldest first. */
    limit: z.int().min(1).max(1_000).default(1_000),
  })
  .meta({ id: "JobsByFilter" });
type Body = z.infer<typeof Body>;

const Answer = z
  .object({ matched: z.int(), ids: z.array(z.uuid()), dryRun: z.boolean(), changed: z.int() })
  .meta({ id: "JobsByFilterAnswer" });

const sampleSize = 20;
const chunkSize = 200;

type Action = {
  url: string;
  operationId: string;
  summary: string;
  /** What a filter without a status means. */
  statuses: readonly JobStatus[];
  allows: (status: JobStatus) => boolean;
  apply: (jobs: readonly JobTarget[]) => Promise<number>;
};

/** Cancel and retry of all jobs that match; a dry run unless told otherwise. */
export function controlJobsByFilterRoutes(services: AppServices): FastifyPluginAsyncZod {
  const actions: Action[] = [
    {
      url: "/v1/jobs/retry",
      operationId: "retryJobs",
      summary: "Start new runs of the ended jobs that match, by default of the failed",
      statuses: ["failed"],
      allows: isTerminal,
      apply: services.retries.jobs,
    },
    {
      url: "/v1/jobs/cancel",
      operationId: "cancelJobs",
      summary: "Cancel the open jobs that match",
      statuses: ["queued", "processing"],
      allows: (status) => !isTerminal(status),
      apply: services.cancels.jobs,
    },
  ];
  return async (app) => {
    for (const action of actions) {
      app.post(
        action.url,
        {
          schema: {
            tags,
            operationId: action.operationId,
            summary: action.summary,
            body: Body,
            response: answers({ 200: Answer }, ["malformed_json", "invalid_field", "forbidden"]),
          },
        },
        ({ scope, body }) => run(services, action, scope, body),
      );
    }
  };
}

async function run(services: AppServices, action: Action, whole: TenantScope, body: Body) {
  const { filter: asked, dryRun, limit } = body;
  if (asked.status !== undefined && !action.allows(asked.status)) {
    const problem = `${asked.status} jobs cannot be changed so`;
    throw new ApiError("invalid_field", { details: [{ path: "filter.status", problem }] });
  }
  const scope = narrow(whole, asked.tenant);
  const found = await jobFilterOf(services, scope, asked);
  if (!found) return { matched: 0, ids: [], dryRun, changed: 0 };
  const filter = { ...found, statuses: found.statuses ?? action.statuses };
  const { matched, ids } = await services.reads.jobs.match(scope, filter, limit);
  let changed = 0;
  for (let start = 0; !dryRun && start < ids.length; start += chunkSize) {
    const chunk = ids.slice(start, start + chunkSize);
    changed += await action.apply(await services.reads.jobs.targets(scope, chunk));
  }
  return { matched, ids: ids.slice(0, sampleSize), dryRun, changed };
}
