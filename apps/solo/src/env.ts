import path from "node:path";
import { isLoopback } from "@ilgam/access";
import { RedisEnv, redisGivenBy } from "@ilgam/queue/redis-settings";
import { z } from "zod";

const flag = z.enum(["0", "1"]).optional();
const text = z.string().min(1).optional();

const schema = z
  .object({
    PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    HOST: z.string().min(1).default("127.0.0.1"),
    DATABASE_URL: text,
    AUTH_MODE: z.enum(["off", "required"]).optional(),
    ADMIN_API_KEY: text,
    NODE_ENV: text,
    NAVER_BASE_URL: text,
    NAVER_CLIENT_ID: text,
    NAVER_CLIENT_SECRET: text,
    NAVER_PROVIDER: z.enum(["sandbox", "naver"]).optional(),
    OPENAI_BASE_URL: text,
    OPENAI_API_KEY: text,
    /** Where everything is kept. Default: .data in the checkout. */
    ILGAM_DATA_DIR: text,
    /** 0: never install a package. */
    ILGAM_INSTALL: flag,
    /** Worker processes. */
    ILGAM_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  })
  .refine((env) => !env.NAVER_CLIENT_ID === !env.NAVER_CLIENT_SECRET, {
    message: "NAVER_CLIENT_ID and NAVER_CLIENT_SECRET go together: give both or neither",
  })
  .transform((env) => ({ ...env, AUTH_MODE: env.AUTH_MODE ?? usualAuthMode(env) }))
  .refine((env) => env.AUTH_MODE === "off" || env.ADMIN_API_KEY, {
    message:
      "ADMIN_API_KEY is not set, and without a key nobody could come in: " +
      "AUTH_MODE is required, or HOST is an address that others reach",
  });

/** Open only to whoever sits at this machine; anybody else needs a key. */
function usualAuthMode(env: { HOST: string; NODE_ENV?: string }): "off" | "required" {
  return isLoopback(env.HOST) && env.NODE_ENV !== "production" ? "off" : "required";
}

/** `redisGivenBy`: the variable that says where Redis is; undefined: one is found or started here. */
export type SoloEnv = z.infer<typeof schema> & { redisGivenBy: string | undefined };

/** The settings of `npm start`. An empty variable counts as not given. @throws naming each bad one. */
export function readEnv(env: NodeJS.ProcessEnv): SoloEnv {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const givenBy = redisGivenBy(given);
  const parsed = (givenBy ? schema.and(RedisEnv) : schema).safeParse(given);
  if (parsed.success) return { ...parsed.data, redisGivenBy: givenBy };
  const problems = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    if (name === "") return issue.message;
    if (name.startsWith("REDIS_")) return `${name} ${issue.message}`;
    const noNumber = issue.code === "invalid_type" && issue.expected === "number";
    return `${name}: ${noNumber ? `must be a number, not "${given[name]}"` : issue.message}`;
  });
  throw new Error(`Bad settings:\n  ${problems.join("\n  ")}`);
}

/** ILGAM_DATA_DIR, from where the command was given; else .data in the checkout. */
export function dataDirOf(env: SoloEnv, root: string): string {
  return env.ILGAM_DATA_DIR ? path.resolve(env.ILGAM_DATA_DIR) : path.join(root, ".data");
}
