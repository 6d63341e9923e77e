import { z } from "zod";
import { timestamp } from "../answers.ts";

export const Delivery = z
  .object({
    /** The receiver reads it as `webhook-id`, with `msg_` before it. */
    id: z.uuid(),
    url: z.string(),
    event: z.string(),
    run: z.int(),
    /** `waiting`: not tried yet, or to be retried at `nextAt`. */
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
export const Deliveries = z
  .object({ deliveries: z.array(Delivery) })
  .meta({ id: "WebhookDeliveries" });
export const Secret = z
  .object({
    /** For any Standard Webhooks library. */
    secret: z.string(),
    /** Signs too until then. */
    previous: z.object({ secret: z.string(), until: timestamp }).nullable(),
  })
  .meta({ id: "WebhookSecret" });
export type Delivery = z.infer<typeof Delivery>;
export type Secret = z.infer<typeof Secret>;

export const DeliveryParams = z.object({ id: z.string(), deliveryId: z.string() });
