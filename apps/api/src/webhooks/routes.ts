import { ApiError } from "@ilgam/contracts";
import {
  findWebhook,
  forgetWebhookJob,
  hastenWebhook,
  listWebhooks,
  rotateWebhookSecret,
  type TenantScope,
  type WebhookHistory,
  type WebhookSecrets,
  webhookSecrets,
} from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { JobParams, timestamp } from "../jobs/schemas.ts";
import { isoOrNull } from "../jobs/to-job-view.ts";

const tags = ["webhooks"];
/** So long receivers may take to change over to a new secret. */
const overlapMs = 24 * 3_600_000;

const Delivery = z
  .object({
    /** The receiver reads it as `webhook-id`, with `msg_` before it. */
    id: z.uuid(),
    url: z.string(),
    event: z.string(),
    run: z.int(),
    /** `waiting`: not tried yet, or to be tried again at `nextAt`. */
    status: z.enum(["waiting", "sending", "delivered", "failed", "cancelled"]),
    createdAt: timestamp,
    nextAt: timestamp.nullable(),
    /** The newest 50, the oldest first. */
    attempts: z.array(
      z.object({
        jobRun: z.int(),
        attempt: z.int(),
        at: timestamp,
        status: z.int().nullable(),
        durationMs: z.int(),
        error: z.string().nullable(),
        answer: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "WebhookDelivery" });
const Deliveries = z.object({ deliveries: z.array(Delivery) }).meta({ id: "WebhookDeliveries" });
const Secret = z
  .object({
    /** For any Standard Webhooks library. */
    secret: z.string(),
    /** Signs too until then. */
    previous: z.object({ secret: z.string(), until: timestamp }).nullable(),
  })
  .meta({ id: "WebhookSecret" });

const BatchParams = z.object({
  id: z.string().meta({ description: "The batch's uuid or public id." }),
});
const DeliveryParams = z.object({ id: z.string(), deliveryId: z.string() });
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The log of callbacks, redelivery, and the secret that signs them. */
export function webhookRoutes(services: AppServices): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(jobDeliveries(services));
    await app.register(batchDeliveries(services));
    await app.register(secretRoutes(services));
  };
}

function jobDeliveries(services: AppServices): FastifyPluginAsyncZod {
  const { db, views } = services;
  return async (app) => {
    app.get(
      "/v1/jobs/:id/deliveries",
      {
        schema: {
          tags,
          summary: "List a job's callbacks with what the receiver answered",
          params: JobParams,
          response: answers({ 200: Deliveries }, ["job_not_found"]),
        },
      },
      async ({ scope, params }) => {
        const job = await views.find(scope, params.id);
        return { deliveries: (await listWebhooks(db.sql, scope, job.id)).map(deliveryView) };
      },
    );
    app.post(
      "/v1/jobs/:id/deliveries/:deliveryId/redeliver",
      {
        schema: {
          tags,
          summary: "Send a callback once more",
          params: DeliveryParams,
          response: answers({ 202: Delivery }, [
            "job_not_found",
            "delivery_not_found",
            "not_finished",
          ]),
        },
      },
      async ({ scope, params }, reply) => {
        const job = await views.find(scope, params.id);
        reply.code(202);
        return redeliver(services, scope, job.id, params.deliveryId);
      },
    );
  };
}

function batchDeliveries(services: AppServices): FastifyPluginAsyncZod {
  const { db, reads } = services;
  const find = async (scope: TenantScope, id: string) => {
    const batch = await reads.batches.find(scope, id);
    if (!batch) throw new ApiError("batch_not_found");
    return batch;
  };
  return async (app) => {
    app.get(
      "/v1/batches/:id/deliveries",
      {
        schema: {
          tags,
          summary: "List a batch's callbacks with what the receiver answered",
          params: BatchParams,
          response: answers({ 200: Deliveries }, ["batch_not_found"]),
        },
      },
      async ({ scope, params }) => {
        const batch = await find(scope, params.id);
        return { deliveries: (await listWebhooks(db.sql, scope, batch.id)).map(deliveryView) };
      },
    );
    app.post(
      "/v1/batches/:id/deliveries/:deliveryId/redeliver",
      {
        schema: {
          tags,
          summary: "Send a batch's callback once more",
          params: DeliveryParams,
          response: answers({ 202: Delivery }, [
            "batch_not_found",
            "delivery_not_found",
            "not_finished",
          ]),
        },
      },
      async ({ scope, params }, reply) => {
        const batch = await find(scope, params.id);
        reply.code(202);
        return redeliver(services, scope, batch.id, params.deliveryId);
      },
    );
  };
}

function secretRoutes({ db }: AppServices): FastifyPluginAsyncZod {
  const response = answers({ 200: Secret });
  return async (app) => {
    app.get(
      "/v1/webhook-secret",
      {
        schema: { tags, summary: "Read the secret that signs your callbacks", response },
        // Who has it can pretend to be Ilgam: more than reading.
        config: { scope: "submit" },
      },
      async ({ tenantId }) => secretView(await webhookSecrets(db.sql, tenantId)),
    );
    const summary = "Make a new secret; the one before signs too for 24 hours";
    app.post(
      "/v1/webhook-secret/rotate",
      { schema: { tags, summary, response } },
      async ({ tenantId }) => secretView(await rotateWebhookSecret(db.sql, tenantId, overlapMs)),
    );
  };
}

/** @throws ApiError delivery_not_found, not_finished */
async function redeliver(
  { db, reads, retries }: AppServices,
  scope: TenantScope,
  subjectId: string,
  id: string,
): Promise<z.infer<typeof Delivery>> {
  const webhook = uuid.test(id) ? await findWebhook(db.sql, scope, id) : undefined;
  if (webhook?.subjectId !== subjectId) throw new ApiError("delivery_not_found");
  const job = webhook.jobId ? await reads.jobs.find(webhook.tenantId, webhook.jobId) : undefined;
  if (job && !(await hastenWebhook(db.sql, webhook.id))) await retries.job(job);
  else if (!job) await forgetWebhookJob(db.sql, webhook.id);
  const all = await listWebhooks(db.sql, scope, subjectId);
  const now = all.find((one) => one.id === webhook.id);
  if (!now) throw new ApiError("delivery_not_found");
  return deliveryView(now);
}

const statusOf = {
  queued: "waiting",
  processing: "sending",
  completed: "delivered",
  failed: "failed",
  cancelled: "cancelled",
} as const;

function deliveryView(row: WebhookHistory): z.infer<typeof Delivery> {
  const { id, endpoint: url, event, run, attempts } = row;
  return {
    ...{ id, url, event, run, attempts },
    status: statusOf[(row.jobStatus ?? "queued") as keyof typeof statusOf],
    createdAt: row.createdAt.toISOString(),
    nextAt: isoOrNull(row.nextAt),
  };
}

function secretView({ secret, previous }: WebhookSecrets): z.infer<typeof Secret> {
  const until = previous?.until.toISOString();
  return { secret, previous: previous && until ? { secret: previous.secret, until } : null };
}
