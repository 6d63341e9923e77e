import { ApiError, JobSubmission, JobView, message } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers, FieldProblem } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { type BulkItem, type BulkOutcome, submitBulk } from "./submit-bulk.ts";
import { submitOne } from "./submit-one.ts";

const tags = ["jobs"];

const BulkBody = z
  .strictObject({ jobs: z.array(z.unknown()).min(1).max(1_000) })
  .meta({ id: "BulkSubmission", description: "Each of `jobs` is a JobSubmission." });

const BulkAnswer = z
  .object({
    accepted: z.int(),
    rejected: z.int(),
    items: z.array(
      z.object({
        index: z.int(),
        job: JobView.optional(),
        error: z
          .object({
            code: z.string(),
            message: z.string(),
            errors: z.array(FieldProblem).optional(),
          })
          .optional(),
      }),
    ),
  })
  .meta({ id: "BulkAnswer" });

/** `POST /v1/jobs` and `POST /v1/jobs/bulk`. */
export function submitJobRoutes(
  services: AppServices,
  options: { bodyLimitBytes: number },
): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(submitOneRoute(services));
    await app.register(submitBulkRoute({ ...services, ...options }));
  };
}

function submitOneRoute(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/jobs",
      {
        schema: {
          tags,
          operationId: "submitJob",
          summary: "Submit a job; it is durable when 202 is answered",
          body: JobSubmission,
          response: answers({ 202: JobView }, [
            "malformed_json",
            "idempotency_conflict",
            "payload_too_large",
            "invalid_field",
            "unknown_kind",
          ]),
        },
      },
      async (request, reply) => {
        const key = idempotencyKeyOf(request);
        const keyed = key === undefined ? undefined : { route: "POST /v1/jobs", key };
        const { job, replayed } = await submitOne(services, request.body, request, keyed);
        if (replayed) reply.header("idempotency-replayed", "true");
        return reply.code(202).header("location", `/v1/jobs/${job.id}`).send(job);
      },
    );
  };
}

function submitBulkRoute(
  services: AppServices & { bodyLimitBytes: number },
): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/jobs/bulk",
      {
        schema: {
          tags,
          operationId: "submitJobs",
          summary: "Submit up to 1,000 jobs, each accepted or rejected by itself",
          body: BulkBody,
          response: answers({ 202: BulkAnswer }, [
            "malformed_json",
            "idempotency_conflict",
            "payload_too_large",
            "invalid_field",
          ]),
        },
      },
      async (request, reply) => {
        const key = idempotencyKeyOf(request);
        const outcome = await submitBulk(services, request.body.jobs, request, key);
        assertAnyAccepted(outcome);
        if (outcome.replayed) reply.header("idempotency-replayed", "true");
        const items = outcome.items.map((item) => itemView(item, request.language));
        const accepted = items.filter((item) => item.job !== undefined).length;
        return reply.code(202).send({ accepted, rejected: items.length - accepted, items });
      },
    );
  };
}

function itemView(item: BulkItem, language: "ko" | "en") {
  if ("job" in item) return { index: item.index, job: item.job };
  const { code, values, details } = item.refusal;
  const error = { code, message: message(code, language, values) };
  return { index: item.index, error: details ? { ...error, errors: details } : error };
}

/** When nothing was accepted the request as a whole was refused, and its status says so. */
function assertAnyAccepted({ items }: BulkOutcome): void {
  const refusals = items.flatMap((item) => ("refusal" in item ? [item] : []));
  if (refusals.length < items.length) return;
  const outage = refusals.find(({ refusal }) => refusal.status === 503);
  if (outage) {
    throw new ApiError(outage.refusal.code, {
      retryAfterSeconds: outage.refusal.retryAfterSeconds ?? 1,
    });
  }
  const details = refusals.flatMap(({ index, refusal }) =>
    (refusal.details ?? [{ path: "", problem: refusal.code }]).map(({ path, problem }) => ({
      path: ["jobs", String(index), path].filter((part) => part !== "").join("."),
      problem,
    })),
  );
  throw new ApiError("invalid_field", { details });
}
