import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "./free-port.ts";
import { redisCommands } from "./redis-command.ts";
import { type Exit, type ServiceProcess, startServiceProcess } from "./service-process.ts";

export type LocalRedis = {
  url: string;
  port: number;
  pid: number;
  /** The path it was started from. */
  program: string;
  dataDir: string;
  exited: Promise<Exit>;
  running(): boolean;
  kill(signal: NodeJS.Signals): boolean;
  /** Writes what is pending to the AOF and ends; resolves when the server is gone. */
  stop(): Promise<void>;
};

export type RedisServerOptions = {
  /** Path of a redis-server or valkey-server. */
  program: string;
  /** Where the append-only file is kept. */
  dataDir: string;
  /** Default: a free one. */
  port?: number;
  /** Extra settings, over those here. */
  settings?: Record<string, string>;
  log(line: string): void;
};

const START_MS = 20_000;

/** The first redis-server or valkey-server on the search path, or null. */
export function findRedisProgram(searchPath = process.env.PATH ?? ""): string | null {
  const directories = searchPath.split(path.delimiter).filter(Boolean);
  const extension = process.platform === "win32" ? ".exe" : "";
  for (const name of ["redis-server", "valkey-server"]) {
    for (const directory of directories) {
      const file = path.join(directory, name + extension);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next place is looked at.
    return false;
  }
}

/**
 * Starts a Redis on 127.0.0.1 that keeps every key (noeviction) and an append-only file, and
 * resolves when it has loaded the file and answers.
 *
 * @throws when it does not, with the server's last lines.
 */
export async function startRedis(options: RedisServerOptions): Promise<LocalRedis> {
  const port = options.port ?? (await freePort());
  const dir = path.resolve(options.dataDir);
  return launch(options, port, flags({ port: String(port), dir, ...options.settings }));
}

export type SentinelOptions = Omit<RedisServerOptions, "settings"> & {
  /** Lines of its configuration beside port and directory; it writes into the file itself. */
  directives: string[];
};

/**
 * Starts a Sentinel on 127.0.0.1, with its own file of an earlier start if there is one.
 *
 * @throws as startRedis does.
 */
export async function startSentinel(options: SentinelOptions): Promise<LocalRedis> {
  const dir = path.resolve(options.dataDir);
  const port = options.port ?? (await freePort());
  const file = path.join(dir, "sentinel.conf");
  mkdirSync(dir, { recursive: true });
  if (!existsSync(file)) {
    const lines = ["bind 127.0.0.1", `port ${port}`, `dir ${dir}`, ...options.directives, ""];
    writeFileSync(file, lines.join("\n"));
  }
  return launch(options, port, [file, "--sentinel"]);
}

async function launch(
  options: Pick<RedisServerOptions, "program" | "dataDir" | "log">,
  port: number,
  args: string[],
): Promise<LocalRedis> {
  const dataDir = path.resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const lastLines: string[] = [];
  const server = await startServiceProcess({
    command: options.program,
    args,
    cwd: dataDir,
    orphanSignal: "SIGTERM",
    onLine: (line) => {
      lastLines.splice(0, Math.max(0, lastLines.length - 9));
      lastLines.push(line);
      options.log(line);
    },
  });
  const url = `redis://127.0.0.1:${port}`;
  if (!(await answers(url, server))) {
    server.kill("SIGKILL");
    await server.outputEnded;
    throw new Error(`${options.program} did not start in ${dataDir}:\n${lastLines.join("\n")}`);
  }
  const { pid, exited, running, kill } = server;
  const { program } = options;
  return { url, port, pid, program, dataDir, exited, running, kill, stop: () => stop(server) };
}

function flags(settings: Record<string, string>): string[] {
  const all = {
    bind: "127.0.0.1",
    appendonly: "yes",
    appendfsync: "everysec",
    "maxmemory-policy": "noeviction",
    // The append-only file is enough; snapshots beside it would only cost writes.
    save: "",
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}

async function answers(url: string, server: ServiceProcess): Promise<boolean> {
  const giveUpAt = Date.now() + START_MS;
  while (server.running() && Date.now() < giveUpAt) {
    try {
      // Another server on the port would answer too; only ours has our process id.
      const [info] = await redisCommands(url, [["INFO", "server"]]);
      if (String(info).includes(`process_id:${server.pid}\r\n`)) return true;
    } catch {
      // Not listening yet, or still loading its file: asked again.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function stop(server: ServiceProcess): Promise<void> {
  server.kill("SIGTERM");
  // A frozen server would never see the signal.
  server.kill("SIGCONT");
  const impatience = setTimeout(() => server.kill("SIGKILL"), 10_000);
  await server.exited;
  clearTimeout(impatience);
}
