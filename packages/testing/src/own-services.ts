import path from "node:path";
import {
  findRedisProgram,
  type LocalPostgres,
  NoRedis,
  type PostgresStop,
  startPostgres,
  startRedis,
  startSentinel,
} from "@ilgam/local-services";
import { atFileEnd } from "./file-end.ts";
import { migrateForTests } from "./template-database.ts";
import { makeDirectory, removeDirectory } from "./temporary-directory.ts";

/** A server of the test's own: to be stopped, killed, frozen and started again. */
export type OwnService = {
  /** The same after every restart. */
  url: string;
  port: number;
  dataDir: string;
  /** Of the present process. */
  pid(): number;
  running(): boolean;
  /** Postgres: fast unless said otherwise; Redis knows one way only. */
  stop(mode?: PostgresStop): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  restart(mode?: PostgresStop): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
};

type Server = Pick<LocalPostgres, "url" | "port" | "pid" | "running" | "kill" | "exited" | "stop">;

/** A Postgres with real fsync, migrated and with the history trigger, stopped at the file's end. */
export async function startOwnPostgres(settings: Record<string, string> = {}): Promise<OwnService> {
  const service = await own("postgres", (dataDir, port) =>
    startPostgres({ dataDir, port, settings, log }),
  );
  await migrateForTests(service.url);
  return service;
}

/** A Redis with an append-only file, stopped at the file's end. */
export function startOwnRedis(settings: Record<string, string> = {}): Promise<OwnService> {
  return own("redis", async (dataDir, port) => {
    const program = findRedisProgram();
    if (!program) throw new NoRedis();
    return startRedis({ program, dataDir, port, settings, log });
  });
}

/** A Sentinel with these lines in its configuration, stopped at the file's end. */
export function startOwnSentinel(directives: string[]): Promise<OwnService> {
  return own("sentinel", async (dataDir, port) => {
    const program = findRedisProgram();
    if (!program) throw new NoRedis();
    return startSentinel({ program, dataDir, port, directives, log });
  });
}

async function own(
  name: string,
  launch: (dataDir: string, port?: number) => Promise<Server>,
): Promise<OwnService> {
  const directory = await makeDirectory(`own-${name}`);
  const dataDir = path.join(directory, name);
  let server = await launch(dataDir);
  const { url, port } = server;
  const start = async () => {
    if (!server.running()) server = await launch(dataDir, port);
  };
  const kill = async () => {
    server.kill("SIGKILL");
    await server.exited;
  };
  atFileEnd(`own ${name}`, async () => {
    await kill();
    await removeDirectory(directory);
  });
  return {
    url,
    port,
    dataDir,
    pid: () => server.pid,
    running: () => server.running(),
    stop: (mode) => server.stop(mode),
    kill,
    start,
    restart: async (mode) => {
      await server.stop(mode);
      await start();
    },
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
  };
}

function log(line: string): void {
  if (process.env.ILGAM_TEST_LOGS) process.stderr.write(`own service | ${line}\n`);
}
