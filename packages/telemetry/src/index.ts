export { createLog, type Log } from "./log/create-log.ts";
export { createWorkerEventLog } from "./log/log-worker-events.ts";
export { type ApiMetrics, createApiMetrics } from "./metrics/api-metrics.ts";
export type { Exposition } from "./metrics/scrape.ts";
export { createWorkerMetrics, type WorkerMetrics } from "./metrics/worker-metrics.ts";
