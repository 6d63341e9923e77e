import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { freePort } from "./free-port.ts";
import { runAs } from "./postgres-account.ts";
import { openCluster, type PostgresCluster, postgresEnv } from "./postgres-cluster.ts";
import { commandOf, isAlive } from "./process-identity.ts";
import { type Exit, type ServiceProcess, startServiceProcess } from "./service-process.ts";

/** fast: ends connections and writes a checkpoint. immediate: as a power cut, recovery at start. */
export type PostgresStop = "fast" | "immediate";

export type LocalPostgres = {
  /** Connection string of the database `ilgam`. */
  url: string;
  port: number;
  pid: number;
  dataDir: string;
  exited: Promise<Exit>;
  running(): boolean;
  kill(signal: NodeJS.Signals): boolean;
  /** Resolves when the server is gone. Default `fast`, which turns immediate after 20 s. */
  stop(mode?: PostgresStop): Promise<void>;
};

export type PostgresOptions = {
  /** The cluster's own directory; made at the first start. */
  dataDir: string;
  /** Default: a free one. */
  port?: number;
  /** Extra settings, over those here. */
  settings?: Record<string, string>;
  /** The server's own lines. */
  log(line: string): void;
};

const READY = "database system is ready to accept connections";
const FAST_STOP_MS = 20_000;

/**
 * Starts the Postgres that came with `npm install`, on 127.0.0.1 only, and resolves when it takes
 * connections. After a crash (its own, or a kill -9 of the process that started it) the data
 * directory opens again.
 *
 * @throws when it does not start, with the server's last lines.
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const cluster = await openCluster(path.resolve(options.dataDir));
  await clearLeftover(cluster.dataDir, options.log);
  const port = options.port ?? (await freePort());
  const server = await launchWhenReleased(cluster, port, options);
  const { user, password, database, dataDir } = cluster;
  return {
    url: `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`,
    port,
    pid: server.pid,
    dataDir,
    exited: server.exited,
    running: server.running,
    kill: server.kill,
    stop: (mode = "fast") => stop(server, mode),
  };
}

/**
 * The sessions of a server that was killed with -9 leave a moment after it, and hold its shared
 * memory until then: Postgres refuses to start, rightly, and is asked again.
 */
async function launchWhenReleased(
  cluster: PostgresCluster,
  port: number,
  options: PostgresOptions,
): Promise<ServiceProcess> {
  const giveUpAt = Date.now() + FAST_STOP_MS;
  for (;;) {
    try {
      return await launch(cluster, port, options);
    } catch (error) {
      const held = String(error).includes("pre-existing shared memory block");
      if (!held || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function launch(
  cluster: PostgresCluster,
  port: number,
  options: PostgresOptions,
): Promise<ServiceProcess> {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    // No socket file: /tmp may hold another server's of the same port.
    unix_socket_directories: "",
    max_connections: "200",
    lc_messages: "C",
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const lastLines: string[] = [];
  let announceReady = () => {};
  const ready = new Promise<"ready">((resolve) => {
    announceReady = () => resolve("ready");
  });
  const server = await startServiceProcess({
    ...runAs(cluster.account, cluster.binaries.postgres, ["-D", cluster.dataDir, ...flags]),
    env: postgresEnv(),
    orphanSignal: "SIGINT",
    onLine: (line) => {
      lastLines.splice(0, Math.max(0, lastLines.length - 9));
      lastLines.push(line);
      if (line.includes(READY)) announceReady();
      options.log(line);
    },
  });
  if ((await Promise.race([ready, server.exited])) === "ready") return server;
  await server.outputEnded;
  throw new Error(`Postgres did not start in ${cluster.dataDir}:\n${lastLines.join("\n")}`);
}

async function stop(server: ServiceProcess, mode: PostgresStop): Promise<void> {
  server.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
  // A frozen server would never see the signal.
  server.kill("SIGCONT");
  const impatience = setTimeout(() => server.kill("SIGQUIT"), FAST_STOP_MS);
  await server.exited;
  clearTimeout(impatience);
}

/**
 * Deals with the postmaster.pid that an earlier server left: one that still runs (its starter was
 * killed a moment ago) is stopped; a number that belongs to another program by now is removed,
 * since Postgres would refuse to start for it. The caller holds the data directory's lock.
 */
async function clearLeftover(dataDir: string, log: (line: string) => void): Promise<void> {
  const file = path.join(dataDir, "postmaster.pid");
  const pid = readPid(file);
  if (pid === null || !isAlive(pid)) return;
  if (!commandOf(pid)?.includes("postgres")) {
    rmSync(file, { force: true });
    return;
  }
  log(`stopping the Postgres ${pid} that an earlier run left in ${dataDir}`);
  process.kill(pid, "SIGINT");
  const giveUpAt = Date.now() + FAST_STOP_MS;
  while (isAlive(pid) && readPid(file) === pid) {
    if (Date.now() > giveUpAt) throw new Error(`Postgres ${pid} in ${dataDir} does not stop.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
