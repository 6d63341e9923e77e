import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { webhookDelivery } from "../contract.ts";
import { createWebhookDeliveryProcessor } from "./processor.ts";

export function webhookDeliveryHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(webhookDelivery, createWebhookDeliveryProcessor(deps));
}
