import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type PostgresAccount, postgresAccount, runAs } from "./postgres-account.ts";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";

/** A data directory that is ready to be started. */
export type PostgresCluster = {
  dataDir: string;
  user: string;
  password: string;
  database: string;
  binaries: PostgresBinaries;
  account: PostgresAccount;
};

const USER = "ilgam";
const DATABASE = "ilgam";

/**
 * Opens the cluster in `dataDir`, or makes it there: user and database `ilgam`, a random password
 * kept in `<dataDir>.password`, UTF-8 and C collation so that it sorts alike on every machine.
 */
export async function openCluster(dataDir: string): Promise<PostgresCluster> {
  const binaries = await postgresBinaries();
  const account = postgresAccount(dataDir, [binaries.postgres, path.resolve(dataDir)]);
  const passwordFile = `${dataDir}.password`;
  const cluster = { dataDir, user: USER, database: DATABASE, binaries, account };
  // The password is written last, so its file says that the cluster is whole.
  if (existsSync(passwordFile) && existsSync(path.join(dataDir, "PG_VERSION"))) {
    return { ...cluster, password: readFileSync(passwordFile, "utf8").trim() };
  }
  const made = { ...cluster, password: randomBytes(18).toString("base64url") };
  // What a first start that crashed left behind was never used.
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await initialise(made);
  writeFileSync(passwordFile, `${made.password}\n`, { mode: 0o600 });
  return made;
}

async function initialise(cluster: PostgresCluster): Promise<void> {
  const { dataDir, binaries, account } = cluster;
  const passwordFile = `${dataDir}.initdb-password`;
  try {
    writeFileSync(passwordFile, cluster.password, { mode: 0o600 });
    for (const file of account.ids ? [dataDir, passwordFile] : []) {
      chownSync(file, account.ids?.uid ?? 0, account.ids?.gid ?? 0);
    }
    await run(cluster, binaries.initdb, [
      `--pgdata=${dataDir}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-sync",
      "--no-instructions",
    ]);
    const create = `CREATE DATABASE ${DATABASE};\n`;
    await run(cluster, binaries.postgres, ["--single", "-D", dataDir, "postgres"], create);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(cluster: PostgresCluster, program: string, args: string[], input = ""): Promise<void> {
  const { command, args: all, ...ids } = runAs(cluster.account, program, args);
  return new Promise((resolve, reject) => {
    const stdio: ["pipe", "ignore", "pipe"] = ["pipe", "ignore", "pipe"];
    const child = spawn(command, all, { ...ids, stdio, env: postgresEnv() });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const name = path.basename(program);
      reject(new Error(`${name} failed in ${cluster.dataDir}: ${said.trim()}`));
    });
    // It may end before it has read everything; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** The PG… settings of the caller's shell (PGDATA, PGPORT) are meant for another server. */
export function postgresEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(own), LC_ALL: "C", TZ: "UTC" };
}
