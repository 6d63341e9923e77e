import {
  type ApiEvent,
  type ApiMetrics,
  createApiEventLog,
  createApiMetrics,
  createLog,
  type Log,
  startTracing,
  type Tracing,
} from "@ilgam/telemetry";
import type { ApiEnv } from "../env.ts";

/** What an API process tells of itself: its log and its numbers. */
export type Observation = {
  log: Log;
  metrics: ApiMetrics;
  onEvent(event: ApiEvent): void;
  /** Undefined while traces are off. */
  tracing: Tracing | undefined;
};

/** @throws Error that names a wrong setting of the traces */
export async function observe(
  { logLevel: level }: Pick<ApiEnv, "logLevel">,
  { env, version }: { env: Record<string, string | undefined>; version: string },
): Promise<Observation> {
  const onError = (message: string) => log.warn({ cause: message }, "traces are not handed over");
  const tracing = await startTracing({ env, version, service: "ilgam-api", onError });
  const log = createLog({ name: "api", level, env, traceId: tracing?.traceId });
  const metrics = createApiMetrics(version);
  const logEvent = createApiEventLog(log);
  return {
    log,
    metrics,
    tracing,
    onEvent: (event) => {
      logEvent(event);
      metrics.event(event);
    },
  };
}
