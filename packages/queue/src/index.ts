export { contentHash } from "./content-hash.ts";
export { createDispatcher, type DispatchEvent, type Dispatcher } from "./dispatcher.ts";
export type { Delivery, ExecutionEvent } from "./execution.ts";
export type { CatalogueEntry, EndedJob, JobContext, JobHandler } from "./job-context.ts";
export { type QueueDepth, windowSize } from "./queue-window.ts";
export { connectRedis } from "./redis.ts";
export * from "./start-workers.ts";
export * from "./submitter.ts";
export { isOutage } from "./sweeper.ts";
