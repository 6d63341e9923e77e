export { type CancelEvent, type Canceller, createCanceller } from "./dispatch/canceller.ts";
export { contentHash } from "./dispatch/content-hash.ts";
export type { DispatchEvent } from "./dispatch/dispatch-event.ts";
export { createDispatcher, type Dispatcher } from "./dispatch/dispatcher.ts";
export { type QueueDepth, windowSize } from "./dispatch/queue-window.ts";
export * from "./dispatch/submitter.ts";
export { type CurrentJob, currentJob } from "./execution/current-job.ts";
export type {
  AroundAttempt,
  Delivery,
  EndedDelivery,
  ExecutionEvent,
} from "./execution/delivery.ts";
export { attemptOfDelivery, type DeliveryReport } from "./execution/delivery-report.ts";
export type { CatalogueEntry, EndedJob, JobContext, JobHandler } from "./execution/job-context.ts";
export { isOutage } from "./redis/is-outage.ts";
export { connectRedis, type RedisConnection } from "./redis/redis.ts";
export { RedisEnv, type RedisSettings } from "./redis/redis-settings.ts";
export { cronProblem, nextTime } from "./schedules/cron.ts";
export type { QueueHolds } from "./settings/queue-holds.ts";
export type { SweepEvent } from "./sweep/sweep-event.ts";
export { startWorkers } from "./worker/start-workers.ts";
export type {
  RunningWorkers,
  WorkerEvent,
  WorkerHealth,
  WorkersOptions,
} from "./worker/worker-options.ts";
