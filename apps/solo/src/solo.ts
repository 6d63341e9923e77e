import path from "node:path";
import { applyMigrations } from "@ilgam/db";
import { freePort, lockDataDir } from "@ilgam/local-services";
import { awaitReady } from "./await-ready.ts";
import { childEnv, chooseProviders } from "./child-env.ts";
import { chooseApiPort } from "./choose-ports.ts";
import type { ConsoleLog } from "./console-log.ts";
import { openPostgres, openRedis } from "./data-services.ts";
import type { SoloEnv } from "./env.ts";
import { type Entries, startProcesses } from "./processes.ts";
import type { Supervised } from "./supervise.ts";
import { welcomeText } from "./welcome.ts";

export type SoloOptions = {
  env: SoloEnv;
  /** Handed on to the children, under what solo decides. */
  inherited: NodeJS.ProcessEnv;
  dataDir: string;
  entries: Entries;
  log: ConsoleLog;
};

const SANDBOX_PORT = 4010;

/** Everything on one machine. */
export class Solo {
  readonly #options: SoloOptions;
  readonly #say: (line: string) => void;
  readonly #stopping = new AbortController();
  /** What runs, in the order in which it may be stopped: the first group first. */
  readonly #groups: Supervised[][] = [];
  #release = () => {};
  #starting: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(options: SoloOptions) {
    this.#options = options;
    this.#say = options.log.prefixed("ilgam");
  }

  /** Resolves when everything answers, or when `stop` was called before. @throws what went wrong. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const startedAt = performance.now();
    const { env, dataDir, log } = this.#options;
    this.#release = lockDataDir(dataDir).release;
    const port = await chooseApiPort(env.PORT, env.HOST, this.#say);
    const { postgres, redis } = await this.#openData();
    const applied = await applyMigrations(postgres.url);
    if (applied.length > 0) this.#say(`migrations applied: ${applied.join(", ")}`);

    const providers = chooseProviders(env);
    const allReal = Object.values(providers).every((provider) => provider.real);
    const sandboxPort = allReal ? null : await freePort(SANDBOX_PORT);
    const data = { databaseUrl: postgres.url, redisUrl: redis.url };
    const addresses = { ...data, port, sandboxPort, filesDir: path.join(dataDir, "files") };
    const settings = childEnv(this.#options.inherited, env, addresses);
    if (this.#stopping.signal.aborted) return;
    await this.#startProcesses(settings, sandboxPort);

    const apiUrl = `http://${reachable(env.HOST)}:${port}`;
    const readiness = { url: `${apiUrl}/readyz`, signal: this.#stopping.signal, say: this.#say };
    if (!(await awaitReady(readiness))) return;
    const text = welcomeText({
      apiUrl,
      sandboxUrl: sandboxPort === null ? null : `http://127.0.0.1:${sandboxPort}`,
      postgres,
      redis,
      dataDir,
      workers: env.ILGAM_WORKERS,
      authMode: env.AUTH_MODE,
      providers,
      readyMs: performance.now() - startedAt,
    });
    log.plain(text);
  }

  async #startProcesses(settings: NodeJS.ProcessEnv, sandboxPort: number | null): Promise<void> {
    const { env, log, entries } = this.#options;
    const workers = env.ILGAM_WORKERS;
    const plan = { entries, env: settings, sandboxPort, workers, log, say: this.#say };
    const { front, sandbox } = await startProcesses(plan);
    this.#groups.unshift(front, sandbox);
  }

  async #openData() {
    const { env, dataDir, log } = this.#options;
    const where = { env, dataDir, log, say: this.#say };
    const servers: Supervised[] = [];
    this.#groups.push(servers);
    const keep = <S extends { supervised: Supervised | null }>(service: S): S => {
      if (service.supervised) servers.push(service.supervised);
      return service;
    };
    // Both are waited for even when one fails, so that the other one is known and stopped.
    const [postgres, redis] = await Promise.allSettled([
      openPostgres(where).then(keep),
      openRedis(where).then(keep),
    ]);
    if (postgres.status === "rejected") throw postgres.reason;
    if (redis.status === "rejected") throw redis.reason;
    return { postgres: postgres.value, redis: redis.value };
  }

  /** Drains the API and the workers, then stops the sandbox, then Postgres and Redis. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    // A start under way ends first, so that what it started is known; whoever called it has its error.
    await Promise.allSettled([this.#starting]);
    for (const group of this.#groups) await Promise.all(group.map((one) => one.stop()));
    this.#release();
  }

  /** Ends everything without waiting for anything. */
  endNow(): void {
    this.#stopping.abort();
    for (const one of this.#groups.flat()) one.endNow();
    this.#release();
  }
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
