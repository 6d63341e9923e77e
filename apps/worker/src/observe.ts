import type { RunningWorkers, WorkerEvent } from "@ilgam/queue";
import {
  createLog,
  createWorkerEventLog,
  createWorkerMetrics,
  type Log,
  logHealth,
  startTracing,
  type Tracing,
  type WorkerMetrics,
} from "@ilgam/telemetry";
import type { CallObserver, HealthEvent } from "@ilgam/upstream";
import type { z } from "zod";
import type { WorkerEnv } from "./env.ts";
import { startHttpServer } from "./http-server.ts";

/** What a worker process tells of itself: its log, its numbers and, when asked for, its pages. */
export type Observation = {
  log: Log;
  metrics: WorkerMetrics;
  onEvent(event: WorkerEvent): void;
  onHealth(event: HealthEvent): void;
  /** Undefined while traces are off. */
  tracing: Tracing | undefined;
  /** For the clients of outbound calls. */
  calls: CallObserver;
  /** From now on its pages and numbers ask these workers. */
  watch(workers: RunningWorkers): void;
  /** It is not ready any more, and says so until `close`. */
  drain(): void;
  close(): Promise<void>;
};

/**
 * Opens the log and, with WORKER_HTTP_PORT, the pages: before the process takes jobs and until after
 * it has given them back, so that whoever watches sees all of it.
 * @throws Error that names the setting that is wrong, or the port that cannot be had
 */
export async function observe(
  env: z.infer<typeof WorkerEnv>,
  options: { env: Record<string, string | undefined>; version: string },
): Promise<Observation> {
  const onError = (message: string) => log.warn({ cause: message }, "traces are not handed over");
  const tracing = await startTracing({ ...options, service: "ilgam-worker", onError });
  const log = createLog({
    ...{ name: "worker", level: env.LOG_LEVEL, env: options.env },
    traceId: tracing?.traceId,
  });
  const logEvent = createWorkerEventLog(log);
  const metrics = createWorkerMetrics(options.version);
  let workers: RunningWorkers | undefined;
  let draining = false;
  const health = () => workers?.health() ?? { lease: false, redis: false, consuming: false };
  const http =
    env.WORKER_HTTP_PORT === undefined
      ? undefined
      : await startHttpServer({
          port: env.WORKER_HTTP_PORT,
          host: env.WORKER_HTTP_HOST,
          adminApiKey: env.ADMIN_API_KEY,
          metrics: metrics.read,
          readiness: () => ({ ...health(), open: !draining }),
          onError: (error) => log.error({ err: error }, "the worker's HTTP server failed"),
        });
  if (http) log.info({ url: http.url }, "serving health and metrics");
  return {
    log,
    metrics,
    tracing,
    calls: {
      onCall: (call) => {
        metrics.onCall(call);
        tracing?.onCall(call);
        workers?.noteCall(call);
      },
      aroundCall: tracing?.aroundCall,
    },
    onEvent: (event) => {
      logEvent(event);
      metrics.event(event);
    },
    onHealth: (event) => {
      logHealth(log, event);
      metrics.onHealth(event);
    },
    watch: (started) => {
      workers = started;
      metrics.watchWorkers(started);
    },
    drain: () => {
      draining = true;
    },
    close: async () => {
      await Promise.all([http?.close(), tracing?.close()]);
    },
  };
}
