import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { webhookDelivery } from "../contract.ts";
import { createWebhookDeliveryProcessor } from "./processor.ts";

export function webhookDeliveryHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(webhookDelivery, createWebhookDeliveryProcessor(deps));
}
