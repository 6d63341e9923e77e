import { z } from "zod";
import { findRedisProblems, type RedisVariables } from "./redis-variables.ts";

/** A server of a Sentinel or Cluster set-up. */
export type RedisAddress = { host: string; port: number };

type Credentials = { username?: string | undefined; password?: string | undefined; tls: boolean };

/** Where Redis is. Holds passwords: never shown and never logged. */
export type RedisSettings =
  | { mode: "single"; url: string }
  | ({
      mode: "sentinel";
      sentinels: RedisAddress[];
      /** The name by which the Sentinels know it. */
      master: string;
      db: number;
      /** Of the Sentinels themselves; the others are of the servers that they watch. */
      sentinel: Credentials;
    } & Credentials)
  | ({ mode: "cluster"; nodes: RedisAddress[] } & Credentials);

const text = z.string().optional();
const flag = z.enum(["", "0", "1"], { error: "must be 0 or 1" }).optional();

const Variables = z.object({
  REDIS_URL: text,
  REDIS_HOST: text,
  // Kubernetes sets it to tcp://… by itself where a service is called redis.
  REDIS_PORT: text.transform((port) => (port?.startsWith("tcp://") ? undefined : port)),
  REDIS_DB: text,
  REDIS_USERNAME: text,
  REDIS_PASSWORD: text,
  REDIS_TLS: flag,
  REDIS_SENTINELS: text,
  REDIS_SENTINEL_MASTER: text,
  REDIS_SENTINEL_USERNAME: text,
  REDIS_SENTINEL_PASSWORD: text,
  REDIS_SENTINEL_TLS: flag,
  REDIS_CLUSTER_NODES: text,
});

/**
 * Reads `redis` from the variables of a process; put it beside its other ones with `.and`. An empty
 * variable counts as unset. No message repeats a value that may hold a password.
 */
export const RedisEnv = Variables.transform((all, context): { redis: RedisSettings } => {
  const given: RedisVariables = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== "" && value !== undefined),
  );
  const problems = findRedisProblems(given);
  for (const { name, message } of problems) {
    context.addIssue({ code: "custom", path: [name], message });
  }
  return problems.length > 0 ? z.NEVER : { redis: settingsOf(given) };
});

/** The variable that says where Redis is, or undefined when none of them says anything of it. */
export function redisGivenBy(env: Record<string, string | undefined>): string | undefined {
  const places = ["REDIS_URL", "REDIS_SENTINELS", "REDIS_CLUSTER_NODES", "REDIS_HOST"];
  return (
    places.find((name) => env[name]) ??
    Object.keys(Variables.shape).find((name) => env[name] && !env[name].startsWith("tcp://"))
  );
}

/** Of "host:port,host"; a host without a port has the usual one. IPv6 addresses stand in []. */
function addressesOf(list: string, usualPort: number): RedisAddress[] {
  return list.split(",").map((entry) => {
    const { hostname, port } = new URL(`redis://${entry.trim()}`);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || usualPort) };
  });
}

function settingsOf(given: RedisVariables): RedisSettings {
  const credentials: Credentials = {
    username: given.REDIS_USERNAME,
    password: given.REDIS_PASSWORD,
    tls: given.REDIS_TLS === "1",
  };
  if (given.REDIS_CLUSTER_NODES) {
    const nodes = addressesOf(given.REDIS_CLUSTER_NODES, 6379);
    return { mode: "cluster", nodes, ...credentials };
  }
  if (given.REDIS_SENTINELS) {
    return {
      mode: "sentinel",
      sentinels: addressesOf(given.REDIS_SENTINELS, 26_379),
      master: given.REDIS_SENTINEL_MASTER ?? "",
      db: Number(given.REDIS_DB ?? 0),
      ...credentials,
      sentinel: {
        username: given.REDIS_SENTINEL_USERNAME,
        password: given.REDIS_SENTINEL_PASSWORD,
        tls: (given.REDIS_SENTINEL_TLS ?? given.REDIS_TLS) === "1",
      },
    };
  }
  return { mode: "single", url: urlOf(given, credentials) };
}

function urlOf(given: RedisVariables, { username, password, tls }: Credentials): string {
  const { REDIS_HOST: host = "", REDIS_PORT: port = "6379", REDIS_DB: db } = given;
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const url = new URL(given.REDIS_URL ?? `${tls ? "rediss" : "redis"}://${bracketed}:${port}`);
  // By hand: what URL leaves unescaped, such as "%", would be read as an escape.
  if (username && !url.username) url.username = encodeURIComponent(username);
  if (password && !url.password) url.password = encodeURIComponent(password);
  if (db) url.pathname = `/${db}`;
  return url.href;
}
