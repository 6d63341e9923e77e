export { type CancelEvent, type Canceller, createCanceller } from "./dispatch/canceller.ts";
export { contentHash } from "./dispatch/content-hash.ts";
export { createDispatcher, type DispatchEvent, type Dispatcher } from "./dispatch/dispatcher.ts";
export { type QueueDepth, windowSize } from "./dispatch/queue-window.ts";
export * from "./dispatch/submitter.ts";
export { type CurrentJob, currentJob } from "./execution/current-job.ts";
export { attemptOfDelivery, type DeliveryReport } from "./execution/delivery-report.ts";
export type {
  AroundAttempt,
  Delivery,
  EndedDelivery,
  ExecutionEvent,
} from "./execution/execution.ts";
export type { CatalogueEntry, EndedJob, JobContext, JobHandler } from "./execution/job-context.ts";
export { connectRedis, type RedisConnection } from "./redis/redis.ts";
export { RedisEnv, type RedisSettings } from "./redis/redis-settings.ts";
export { cronProblem, nextTime } from "./schedules/cron.ts";
export type { QueueHolds } from "./settings/queue-holds.ts";
export { isOutage, type SweepEvent } from "./sweep/sweeper.ts";
export * from "./worker/start-workers.ts";
