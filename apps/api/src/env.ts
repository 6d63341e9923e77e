import { isLoopback } from "@ilgam/access";
import { RedisEnv, type RedisSettings } from "@ilgam/queue";
import { z } from "zod";
import { ChecklistEnv, type ChecklistLimits } from "./stats/checklist-env.ts";

const wholeNumber = (fallback: number, min: number, max = 2 ** 31 - 1) =>
  z
    .string()
    .regex(/^\d+$/, { error: (issue) => `must be a whole number, not "${issue.input}"` })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, { error: `must be at least ${min}` })
        .max(max, { error: `must be at most ${max}` }),
    )
    .default(fallback);

const systems = z
  .string()
  .regex(/^\s*([1-5](\s*,\s*[1-5])*|none)\s*$/, {
    error: (issue) => `must list systems, as in "1,2,4,5", or be none, not "${issue.input}"`,
  })
  .transform((text) => new Set(text.includes("none") ? [] : text.split(",").map(Number)));

/** Systems whose documents' clients send no key. */
const documented = new Set([1, 2, 4, 5]);
const nobody = new Set<number>();

const words = <const Words extends readonly [string, ...string[]]>(allowed: Words) =>
  z.enum(allowed, {
    error: (issue) => `must be one of ${allowed.join(", ")}, not "${String(issue.input)}"`,
  });

const needed = (what: string) => z.string({ error: `is not set: give ${what}` });

const Variables = z.object({
  PORT: wholeNumber(3000, 0, 65_535),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: needed("the address of Postgres, postgresql://user:password@host:5432/name"),
  NODE_ENV: z.string().default("development"),
  AUTH_MODE: words(["off", "required"]).optional(),
  ADMIN_API_KEY: z.string().optional(),
  ADMIN_SESSION_HOURS: wholeNumber(12, 1, 720),
  ANONYMOUS_SYSTEMS: systems.optional(),
  ALLOWED_HOSTS: z
    .string()
    .default("")
    .transform(
      (text) =>
        new Set(
          text
            .toLowerCase()
            .split(/[\s,]+/)
            .filter(Boolean),
        ),
    ),
  LOG_LEVEL: words(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  API_POOL_SIZE: wholeNumber(10, 1, 1_000),
  API_QUERY_TIMEOUT_MS: wholeNumber(5_000, 100),
  API_BODY_LIMIT_BYTES: wholeNumber(1_048_576, 1_024),
  API_REQUEST_TIMEOUT_MS: wholeNumber(600_000, 1_000),
  UPLOAD_MAX_BYTES: wholeNumber(52_428_800, 1),
  API_STARTUP_WAIT_MS: wholeNumber(10_000, 0),
  API_GRACE_MS: wholeNumber(15_000, 0),
  API_DRAIN_DELAY_MS: wholeNumber(0, 0),
});

/** Checked settings of an API process. Times in milliseconds. */
export type ApiEnv = {
  port: number;
  host: string;
  databaseUrl: string;
  redis: RedisSettings;
  /** `off`: every caller is the tenant `public` and an operator. Loopback only. */
  authMode: "off" | "required";
  adminApiKey: string | undefined;
  /** How long a browser's login with the admin key holds. */
  adminSessionHours: number;
  /**
   * Systems (1–5) whose routes let keyless callers in as the tenant `public`: by default those whose
   * clients know no key, and none with AUTH_MODE=required.
   */
  anonymousSystems: ReadonlySet<number>;
  /** Names in Host headers that are answered with AUTH_MODE=off, beside those of this machine. */
  allowedHosts: ReadonlySet<string>;
  logLevel: z.infer<typeof Variables>["LOG_LEVEL"];
  /** Connections to Postgres. */
  poolSize: number;
  queryTimeoutMs: number;
  bodyLimitBytes: number;
  /** How long a request may take to come in. */
  requestTimeoutMs: number;
  /** Of one uploaded file. */
  uploadMaxBytes: number;
  /** How long the start waits for Postgres before it gives up. */
  startupWaitMs: number;
  /** Requests in progress have so long to end after SIGTERM. */
  graceMs: number;
  /** After SIGTERM it still serves for so long, answering 503 to health checks, so that load
   * balancers leave before the port closes. */
  drainDelayMs: number;
  checklist: ChecklistLimits;
  /** IANA name of the zone of the days in `/v1/stats/usage`. */
  usageTimeZone: string;
};

/**
 * The checked settings; an empty variable counts as unset.
 * @throws Error whose message names each variable that is missing or wrong, one a line.
 */
export function readApiEnv(env: Record<string, string | undefined>): ApiEnv {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Variables.and(RedisEnv).and(ChecklistEnv).safeParse(filled);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(lines.join("\n"));
  }
  const given = parsed.data;
  const authMode = given.AUTH_MODE ?? (given.NODE_ENV === "production" ? "required" : "off");
  assertSafe(authMode, given);
  return {
    port: given.PORT,
    host: given.HOST,
    databaseUrl: given.DATABASE_URL,
    redis: given.redis,
    authMode,
    adminApiKey: given.ADMIN_API_KEY,
    adminSessionHours: given.ADMIN_SESSION_HOURS,
    anonymousSystems: given.ANONYMOUS_SYSTEMS ?? (authMode === "off" ? documented : nobody),
    allowedHosts: given.ALLOWED_HOSTS,
    logLevel: given.LOG_LEVEL,
    poolSize: given.API_POOL_SIZE,
    queryTimeoutMs: given.API_QUERY_TIMEOUT_MS,
    bodyLimitBytes: given.API_BODY_LIMIT_BYTES,
    requestTimeoutMs: given.API_REQUEST_TIMEOUT_MS,
    uploadMaxBytes: given.UPLOAD_MAX_BYTES,
    startupWaitMs: given.API_STARTUP_WAIT_MS,
    graceMs: given.API_GRACE_MS,
    drainDelayMs: given.API_DRAIN_DELAY_MS,
    checklist: given.checklist,
    usageTimeZone: given.usageTimeZone,
  };
}

function assertSafe(authMode: "off" | "required", given: z.infer<typeof Variables>): void {
  if (authMode === "required") {
    if (given.ADMIN_API_KEY) return;
    throw new Error("ADMIN_API_KEY is not set: AUTH_MODE=required needs a key that may come in");
  }
  if (given.NODE_ENV === "production") {
    throw new Error("AUTH_MODE must be required when NODE_ENV=production");
  }
  if (!isLoopback(given.HOST)) {
    throw new Error(
      `AUTH_MODE is off and HOST is ${given.HOST}: anybody could come in. ` +
        "Set AUTH_MODE=required and ADMIN_API_KEY, or HOST=127.0.0.1",
    );
  }
}
