import { z } from "zod";

const milliseconds = (fallback: number) => z.coerce.number().int().min(1).default(fallback);
const address = z.url({ protocol: /^https?$/, error: "must be an http or https address" });
const protocol = z.literal("http/protobuf", { error: "only http/protobuf is spoken here" });
const samplers = [
  ...["always_on", "always_off", "traceidratio"],
  ...["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"],
] as const;

/** The standard variables that the SDK leaves to its user; the exporter reads its own by itself. */
const OtelEnv = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_TRACES_EXPORTER: z.literal("otlp", { error: "must be otlp or none" }).optional(),
  OTEL_TRACES_SAMPLER: z.enum(samplers).default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: milliseconds(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: milliseconds(512),
});
export type OtelEnv = z.infer<typeof OtelEnv>;

/** The checked settings; an empty variable counts as unset. @throws Error, one line a variable. */
export function readOtelEnv(env: Record<string, string | undefined>): OtelEnv {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  filled.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ??= filled.OTEL_EXPORTER_OTLP_PROTOCOL;
  const parsed = OtelEnv.safeParse(filled);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(lines.join("\n"));
}
