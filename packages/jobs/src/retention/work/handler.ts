import type { HandlerDependencies } from "../../handling/handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../handling/job-context.ts";
import { retention } from "../contract.ts";
import { createRetentionProcessor } from "./processor.ts";

export function retentionHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(retention, createRetentionProcessor(deps));
}
