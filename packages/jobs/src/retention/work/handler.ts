import type { HandlerDependencies } from "../../handler-dependencies.ts";
import { handlerOf, type KindHandler } from "../../job-context.ts";
import { retention } from "../contract.ts";
import { createRetentionProcessor } from "./processor.ts";

export function retentionHandler(deps: HandlerDependencies): KindHandler {
  return handlerOf(retention, createRetentionProcessor(deps));
}
