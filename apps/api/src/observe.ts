import {
  type ApiEvent,
  type ApiMetrics,
  createApiEventLog,
  createApiMetrics,
  createLog,
  type Log,
} from "@ilgam/telemetry";
import type { ApiEnv } from "./env.ts";

/** What an API process tells of itself: its log and its numbers. */
export type Observation = {
  log: Log;
  metrics: ApiMetrics;
  onEvent(event: ApiEvent): void;
};

export function observe(
  { logLevel: level }: Pick<ApiEnv, "logLevel">,
  { env, version }: { env: Record<string, string | undefined>; version: string },
): Observation {
  const log = createLog({ name: "api", level, env });
  const metrics = createApiMetrics(version);
  const logEvent = createApiEventLog(log);
  return {
    log,
    metrics,
    onEvent: (event) => {
      logEvent(event);
      metrics.event(event);
    },
  };
}
