import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findRedis, freePort, startPostgres, startRedis } from "@ilgam/local-services";
import type { ConsoleLog } from "./console-log.ts";
import type { SoloEnv } from "./env.ts";
import { type Supervised, supervise, type Unit } from "./supervise.ts";

export type DataService = {
  /** Null: the children have it from the environment, where it takes more than an address. */
  url: string | null;
  /** One sentence for the operator. */
  description: string;
  /** Null for one that was there already: it is left as it is. */
  supervised: Supervised | null;
};

type Where = { env: SoloEnv; dataDir: string; log: ConsoleLog; say(line: string): void };

/** The usual port of a Postgres that Ilgam starts: a psql bookmark stays good. */
const POSTGRES_PORT = 54_320;

/** DATABASE_URL, or the Postgres that came with npm install, started again if it ever dies. */
export async function openPostgres({
  env,
  dataDir,
  log,
  say,
}: Where): Promise<DataService & { url: string }> {
  if (env.DATABASE_URL) {
    const description = "the one of DATABASE_URL";
    return { url: env.DATABASE_URL, description, supervised: null };
  }
  const line = log.prefixed("postgres");
  const port = await freePort(POSTGRES_PORT);
  const directory = path.join(dataDir, "postgres");
  let url = "";
  const start = async (): Promise<Unit> => {
    const postgres = await startPostgres({
      dataDir: directory,
      port,
      settings: { log_checkpoints: "off" },
      // Every start and checkpoint is "LOG"; what an operator must see has another word.
      log: (text) => /\b(WARNING|ERROR|FATAL|PANIC)\b/.test(text) && line(text),
    });
    url = postgres.url;
    return {
      exited: postgres.exited,
      drain: () => void postgres.kill("SIGINT"),
      end: () => void postgres.kill("SIGQUIT"),
    };
  };
  const supervised = await supervise({ name: "postgres", start, say });
  return { url, description: `started here, data in ${directory}`, supervised };
}

/** The given Redis, or the one that the ladder finds; one that is started here is started again if it ever dies. */
export async function openRedis({ env, dataDir, log, say }: Where): Promise<DataService> {
  if (env.redisGivenBy) {
    return { url: null, description: `the one of ${env.redisGivenBy}`, supervised: null };
  }
  const prefixed = log.prefixed("redis");
  const line = (text: string) => {
    if (isForOperators(text)) prefixed(text);
  };
  const found = await findRedis({
    dataDir: path.join(dataDir, "redis"),
    mayInstall: env.ILGAM_INSTALL !== "0",
    installation: installationOf(dataDir),
    // "#" marks the warnings among a Redis' own lines, which begin with its process id.
    log: line,
  });
  const { url, description, server } = found;
  if (!server) return { url, description, supervised: null };
  let first: typeof server | null = server;
  const start = async (): Promise<Unit> => {
    const { program, dataDir: directory, port } = server;
    const redis = first ?? (await startRedis({ program, dataDir: directory, port, log: line }));
    first = null;
    return {
      exited: redis.exited,
      drain: () => void redis.kill("SIGTERM"),
      end: () => void redis.kill("SIGKILL"),
    };
  };
  return { url, description, supervised: await supervise({ name: "redis", start, say }) };
}

/** Of a Redis' own lines, which begin with its process id, only what is wrong; all of the ladder's. */
function isForOperators(text: string): boolean {
  if (!/^\d+:|^\s|^$/.test(text)) return true;
  // A standing remark on the machine's settings, at every start.
  if (text.includes("overcommit")) return false;
  return / # .*(warning|error|fail|can't|fatal|denied|out of memory)/i.test(text);
}

/** A name for this data directory, made once. */
function installationOf(dataDir: string): string {
  const file = path.join(dataDir, "installation");
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, "utf8").trim();
}
