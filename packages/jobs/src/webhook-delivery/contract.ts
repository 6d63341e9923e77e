import { defineJob } from "@ilgam/contracts";
import { z } from "zod";

export const WebhookDeliveryPayload = z.strictObject({ deliveryId: z.uuid() });
export type WebhookDeliveryPayload = z.infer<typeof WebhookDeliveryPayload>;

export const WebhookDeliveryResult = z.object({
  /** False when the webhook has been deleted meanwhile. */
  sent: z.boolean(),
  /** HTTP status of the receiver's answer; null when nothing was sent. */
  status: z.int().nullable(),
});
export type WebhookDeliveryResult = z.infer<typeof WebhookDeliveryResult>;

/** Waits before the second try and each one after it, in units of the first. */
export const waitFactors = [1, 60, 360, 1_440, 3_600, 7_200, 10_080, 14_400, 17_280];

/**
 * Tells a client's `callbackUrl` that a job or a batch has ended. Tried at once and then, with
 * `WEBHOOK_DELIVERY_RETRY_MS` of 5 s, after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h.
 */
export const webhookDelivery = defineJob({
  kind: "webhook-delivery",
  summary: "Tells a callback address that a job or a batch has ended.",
  payload: WebhookDeliveryPayload,
  result: WebhookDeliveryResult,
  queue: { concurrency: 20 },
  attempts: waitFactors.length + 1,
  // The processor says how long each wait is; this is the first.
  backoff: { baseMs: 5_000, factor: 1 },
  timeoutMs: 30_000,
  internal: true,
  delivers: "webhooks",
  examples: {
    valid: [{ deliveryId: "01a1fda7-478a-76bf-a88d-c6e96b9a6ed2" }],
    invalid: [{}, { deliveryId: "1" }, { url: "http://127.0.0.1" }],
  },
});
