import { canInstallRedis, installRedis } from "./redis-install.ts";
import { claimRedis, probeRedis, type RedisProbe } from "./redis-probe.ts";
import { findRedisProgram, type LocalRedis, startRedis } from "./redis-server.ts";

export type FoundRedis = {
  url: string;
  /** running: one that was there. started: by this process. */
  origin: "running" | "started";
  /** One sentence for the operator. */
  description: string;
  /** Only of one that was started here. */
  server: LocalRedis | null;
};

export type RedisLadder = {
  /** Where a server that is started here keeps its file. */
  dataDir: string;
  /** Port for a server that is started here. Default: a free one. */
  port?: number;
  /** May a package be installed (ILGAM_INSTALL is not 0)? Default true. */
  mayInstall?: boolean;
  /** May one on 127.0.0.1:6379 be used? Tests say no: they flush and kill theirs. Default true. */
  mayUseRunning?: boolean;
  /**
   * Name of this installation, left in a Redis that was there already: two installations in one
   * Redis would take each other's jobs off the queues. Default: no name, no question asked.
   */
  installation?: string;
  /** Settings for a server that is started here. */
  settings?: Record<string, string>;
  log(line: string): void;
};

/** The machine, as the ladder sees it; replaced in tests. */
export type RedisMachine = {
  probe(url: string): Promise<RedisProbe>;
  /** Leaves the installation's name; the name that stands there then. */
  claim(url: string, installation: string): Promise<string>;
  findProgram(): string | null;
  start: typeof startRedis;
  canInstall(): boolean;
  install(log: (line: string) => void): Promise<void>;
};

const USUAL_URL = "redis://127.0.0.1:6379";

const REAL_MACHINE: RedisMachine = {
  probe: probeRedis,
  claim: claimRedis,
  findProgram: () => findRedisProgram(),
  start: startRedis,
  canInstall: () => canInstallRedis(),
  install: installRedis,
};

/** No step of the ladder gave a Redis. The message says how to get one. */
export class NoRedis extends Error {
  constructor(cause?: unknown) {
    super(
      [
        "Ilgam needs a Redis (7.0 or newer) or Valkey and found none. Any one of these will do:",
        "  macOS           brew install redis",
        "  Debian, Ubuntu  sudo apt-get install -y redis-server",
        "  Docker          docker run -d -p 6379:6379 redis:8 redis-server --appendonly yes",
        "Then start again; or give REDIS_URL of one elsewhere.",
      ].join("\n"),
      { cause },
    );
    this.name = "NoRedis";
  }
}

/**
 * Finds a Redis for who gave none, step by step: one already on 127.0.0.1:6379, if it keeps every key;
 * a redis-server or valkey-server on the search path, started with an append-only file; the same
 * after installing it as root on Debian or Ubuntu, said aloud.
 *
 * @throws NoRedis when there is none.
 */
export async function findRedis(
  ladder: RedisLadder,
  machine: RedisMachine = REAL_MACHINE,
): Promise<FoundRedis> {
  const running = (ladder.mayUseRunning ?? true) ? await useRunning(ladder, machine) : null;
  if (running) return running;
  const program = machine.findProgram() ?? (await install(ladder, machine));
  const { dataDir, port, settings, log } = ladder;
  const server = await machine.start({ program, dataDir, port, settings, log });
  const description = `started here from ${program}, append-only file in ${dataDir}`;
  return { url: server.url, origin: "started", description, server };
}

async function useRunning(ladder: RedisLadder, machine: RedisMachine): Promise<FoundRedis | null> {
  const probe = await machine.probe(USUAL_URL);
  if (probe.state === "absent") return null;
  if (probe.state === "unfit") {
    ladder.log(`The Redis on 127.0.0.1:6379 is not used: ${probe.why}.`);
    return null;
  }
  const { installation } = ladder;
  if (installation && (await machine.claim(USUAL_URL, installation)) !== installation) {
    ladder.log(
      "The Redis on 127.0.0.1:6379 is not used: it holds the queues of another Ilgam " +
        "(if that one is gone: redis-cli DEL ilgam:installation).",
    );
    return null;
  }
  const keeps = probe.appendOnly ? "" : ", without an append-only file";
  const description = `the one that runs on 127.0.0.1:6379 (${probe.version}${keeps})`;
  return { url: USUAL_URL, origin: "running", description, server: null };
}

async function install(ladder: RedisLadder, machine: RedisMachine): Promise<string> {
  if (!(ladder.mayInstall ?? true) || !machine.canInstall()) throw new NoRedis();
  ladder.log("There is no Redis: installing Debian's redis-server (ILGAM_INSTALL=0 forbids it).");
  try {
    await machine.install(ladder.log);
  } catch (error) {
    throw new NoRedis(error);
  }
  const program = machine.findProgram();
  if (!program) throw new NoRedis();
  return program;
}
