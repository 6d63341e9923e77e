import path from "node:path";
import { findRedis, startPostgres } from "@ilgam/local-services";
import type { TestProject } from "vitest/node";
import { makeTemplate } from "./template-database.ts";
import { makeDirectory, removeDirectory } from "./temporary-directory.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's Postgres; its database `ilgam_template` is what test databases are copies of. */
    ilgamPostgresUrl: string;
    /** The run's Redis, without a database number. */
    ilgamRedisUrl: string;
  }
}

/** As many test files as one run may have that ask for a Redis. */
const REDIS_DATABASES = "1024";

/** One Postgres and one Redis for the run, never those that the machine may have running. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await makeDirectory("tests");
  const log = quietUnlessAsked;
  const redisDir = path.join(directory, "redis");
  const settings = { databases: REDIS_DATABASES, appendonly: "no" };
  const [postgres, redis] = await Promise.all([
    // Nobody cuts the power of these: without fsync the run is far faster.
    startPostgres({
      dataDir: path.join(directory, "postgres"),
      settings: { fsync: "off", full_page_writes: "off", max_connections: "400" },
      log,
    }),
    findRedis({ dataDir: redisDir, mayUseRunning: false, settings, log: announce }),
  ]);
  await makeTemplate(postgres.url);
  project.provide("ilgamPostgresUrl", postgres.url);
  project.provide("ilgamRedisUrl", redis.url);
  return async () => {
    await Promise.all([postgres.stop("immediate"), redis.server?.stop()]);
    await removeDirectory(directory);
  };
}

function announce(line: string): void {
  // The server's own lines start with its process id; the ladder's words are for people.
  if (!/^\d+:|^\s/.test(line)) process.stderr.write(`${line}\n`);
}

function quietUnlessAsked(line: string): void {
  if (process.env.ILGAM_TEST_LOGS) process.stderr.write(`test services | ${line}\n`);
}
