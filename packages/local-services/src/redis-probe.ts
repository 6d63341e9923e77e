import { redisCommands } from "./redis-command.ts";

/** What a Redis says of itself; `absent` when nothing answers. */
export type RedisProbe =
  | { state: "absent" }
  | { state: "unfit"; why: string }
  | { state: "fit"; version: string; appendOnly: boolean };

const OLDEST_MAJOR = 7;

/** Looks at the server behind `url`: does it answer, is it new enough, does it keep every key? */
export async function probeRedis(url: string): Promise<RedisProbe> {
  let info: string;
  try {
    info = String((await redisCommands(url, [["INFO", "everything"]]))[0]);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ECONNREFUSED" || code === "ECONNRESET") return { state: "absent" };
    return { state: "unfit", why: reason(error) };
  }
  return judge(new Map(info.split("\r\n").map((line) => line.split(":", 2) as [string, string])));
}

/**
 * Leaves the installation's name in the server unless another stands there, and returns the name
 * that stands there then.
 */
export async function claimRedis(url: string, installation: string): Promise<string> {
  const key = "ilgam:installation";
  const [, owner] = await redisCommands(url, [
    ["SET", key, installation, "NX"],
    ["GET", key],
  ]);
  return String(owner);
}

function judge(info: Map<string, string>): RedisProbe {
  const version = info.get("redis_version") ?? "0";
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    return { state: "unfit", why: `its version is ${version}, Ilgam needs 7.0 or newer` };
  }
  const policy = info.get("maxmemory_policy");
  if (policy !== "noeviction") {
    const why = `its maxmemory-policy is ${policy ?? "unknown"}: it may drop keys, noeviction never does`;
    return { state: "unfit", why };
  }
  if (info.get("role") === "slave") return { state: "unfit", why: "it is a read-only replica" };
  return { state: "fit", version, appendOnly: info.get("aof_enabled") === "1" };
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith("NOAUTH") ? "it wants a password (give REDIS_URL with it)" : message;
}
