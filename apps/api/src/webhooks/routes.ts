import { ApiError } from "@ilgam/contracts";
import { listWebhooks, rotateWebhookSecret, type TenantScope, webhookSecrets } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { BatchParams } from "../batches/schemas.ts";
import { JobParams } from "../jobs/schemas.ts";
import { deliveryView, redeliver, secretView } from "./delivery-service.ts";
import { Deliveries, Delivery, DeliveryParams, Secret } from "./schemas.ts";

const tags = ["webhooks"];
/** So long receivers may take to change over to a new secret. */
const overlapMs = 24 * 3_600_000;

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
          operationId: "listJobDeliveries",
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
          operationId: "redeliverJobDelivery",
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
          operationId: "listBatchDeliveries",
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
          operationId: "redeliverBatchDelivery",
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
        schema: {
          tags,
          operationId: "getWebhookSecret",
          summary: "Read the secret that signs your callbacks",
          response,
        },
        // Who has it can pretend to be Ilgam: more than reading.
        config: { scope: "submit" },
      },
      async ({ tenantId }) => secretView(await webhookSecrets(db.sql, tenantId)),
    );
    const operationId = "rotateWebhookSecret";
    const summary = "Make a new secret; the one before signs too for 24 hours";
    app.post(
      "/v1/webhook-secret/rotate",
      { schema: { tags, operationId, summary, response } },
      async ({ tenantId }) => secretView(await rotateWebhookSecret(db.sql, tenantId, overlapMs)),
    );
  };
}
