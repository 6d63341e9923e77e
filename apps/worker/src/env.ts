import { RedisEnv } from "@ilgam/queue";
import { z } from "zod";

const milliseconds = (fallback: number, min = 1) =>
  z.coerce.number().int().min(min).default(fallback);

const Variables = z.object({
  DATABASE_URL: z.string().min(1),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  /** Comma-separated kinds; empty: all. */
  WORKER_QUEUES: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    ),
  LEASE_MS: milliseconds(15_000, 1_000),
  WORKER_GRACE_MS: milliseconds(25_000),
  WORKER_ABORT_GRACE_MS: milliseconds(10_000),
  WORKER_POOL_SIZE: milliseconds(4),
  MAX_SNOOZES: milliseconds(1_000),
  /** How long a job waits for a service that is away; parts of an hour too. */
  HOLD_MAX_HOURS: z.coerce.number().positive().max(8_760).default(24),
  /** Health and metrics; 0: any free port; unset: none. */
  WORKER_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  WORKER_HTTP_HOST: z.string().default("127.0.0.1"),
  ADMIN_API_KEY: z.string().optional(),
});

/** Settings of a worker process; kinds read their own numbers (`<KIND>_CONCURRENCY` …). */
export const WorkerEnv = Variables.and(RedisEnv);

/** The checked settings. @throws Error with one line for each wrong one. */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Record<string, string | undefined>,
): z.infer<Schema> {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(filled);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    if (issue.code === "custom") return `  ${name} ${issue.message} (see .env.example)`;
    if (filled[name] === undefined) return `  ${name} is not set (see .env.example)`;
    const noNumber = issue.code === "invalid_type" && issue.expected === "number";
    const problem = noNumber ? `must be a number, not "${filled[name]}"` : issue.message;
    return `  ${name}: ${problem} (see .env.example)`;
  });
  throw new Error(`these settings are missing or wrong:\n${lines.join("\n")}`);
}
