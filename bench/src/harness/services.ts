import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyMigrations } from "@ilgam/db";
import {
  findRedisProgram,
  type LocalPostgres,
  type LocalRedis,
  startPostgres,
  startRedis,
} from "@ilgam/local-services";

export type Services = {
  databaseUrl: string;
  redisUrl: string;
  postgres: LocalPostgres;
  redis: LocalRedis;
  stop(): Promise<void>;
};

/** A Postgres with fsync and a Redis with its append-only file, both fresh and of this run only. */
export async function startServices(): Promise<Services> {
  const directory = await mkdtemp(path.join(tmpdir(), "ilgam-bench-"));
  const log = () => undefined;
  const program = findRedisProgram();
  if (!program) throw new Error("the benchmark needs redis-server or valkey-server on the PATH");
  const postgres = await startPostgres({ dataDir: path.join(directory, "postgres"), log });
  const redis = await startRedis({ program, dataDir: path.join(directory, "redis"), log });
  await applyMigrations(postgres.url);
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    postgres,
    redis,
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
