import type { Tracing, TracingOptions } from "./tracing.ts";

/**
 * Starts traces when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set;
 * otherwise nothing of the SDK is even loaded.
 * @throws Error that names the variable that is wrong
 */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { env } = options;
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const off =
    env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  if (!endpoint || off) return undefined;
  const { createTracing } = await import("./create-tracing.ts");
  return createTracing(options);
}
