export type { ApiEvent } from "./api-event.ts";
export { createLog, type Log } from "./log/create-log.ts";
export { createApiEventLog } from "./log/log-api-events.ts";
export { logHealth } from "./log/log-health.ts";
export { createWorkerEventLog } from "./log/log-worker-events.ts";
export { createScrubber } from "./log/redact.ts";
export { type ApiMetrics, createApiMetrics } from "./metrics/api-metrics.ts";
export type {
  PaceStanding,
  ProviderStanding,
  QueueStanding,
  Standing,
} from "./metrics/standing-metrics.ts";
export { createWorkerMetrics, type WorkerMetrics } from "./metrics/worker-metrics.ts";
export { startTracing } from "./tracing/start-tracing.ts";
export type { RequestSpan, Tracing } from "./tracing/tracing.ts";
