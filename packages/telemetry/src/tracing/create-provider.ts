import { hostname } from "node:os";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { type OtelEnv, readOtelEnv } from "./otel-env.ts";
import type { TracingOptions } from "./tracing.ts";

const complainEveryMs = 10_000;

/**
 * Hands spans to the collector in the background: when it is slow or away the oldest 2,048 are kept
 * and the others dropped.
 */
export function createProvider(options: TracingOptions): TracerProvider {
  const env = readOtelEnv(options.env);
  complainTo(options.onError);
  const batches = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: env.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: env.OTEL_BSP_EXPORT_TIMEOUT,
    maxQueueSize: env.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: Math.min(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, env.OTEL_BSP_MAX_QUEUE_SIZE),
  });
  const { service, version } = options;
  const own = resourceFromAttributes({
    "service.name": service,
    "service.version": version,
    "host.name": hostname(),
    "process.pid": process.pid,
  });
  const said = detectResources({ detectors: [envDetector] });
  return new TracerProvider({
    sampler: samplerOf(env),
    resource: defaultResource().merge(own).merge(said),
    spanProcessors: [batches],
  });
}

function samplerOf(env: OtelEnv): Sampler {
  const name = env.OTEL_TRACES_SAMPLER.replace("parentbased_", "");
  const root =
    name === "traceidratio"
      ? new TraceIdRatioBasedSampler(env.OTEL_TRACES_SAMPLER_ARG)
      : name === "always_off"
        ? new AlwaysOffSampler()
        : new AlwaysOnSampler();
  return name === env.OTEL_TRACES_SAMPLER ? root : new ParentBasedSampler({ root });
}

/** The SDK's own words go to the log, not to the console, and not once a span. */
function complainTo(onError: TracingOptions["onError"]): void {
  let last = Number.NEGATIVE_INFINITY;
  const complain = (message: string) => {
    if (performance.now() - last < complainEveryMs) return;
    last = performance.now();
    onError(message.slice(0, 500));
  };
  const silent = () => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
