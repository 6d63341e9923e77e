import { existsSync, readFileSync, statSync } from "node:fs";
import { parentsOf } from "./postgres-binaries.ts";

type Ids = { uid: number; gid: number };

/** How to start a Postgres program: as whom, and through what. */
export type PostgresAccount = {
  /** Null: as the current user. */
  ids: Ids | null;
  /** The command that changes the user, where that alone would not reach the files. */
  prefix: string[];
};

/** The command line and ids for `spawn` that run a Postgres program under the account. */
export function runAs(account: PostgresAccount, command: string, args: string[]) {
  const [wrapper, ...before] = account.prefix;
  if (wrapper !== undefined) return { command: wrapper, args: [...before, command, ...args] };
  return { command, args, ...account.ids };
}

/**
 * Postgres refuses to run as root. As anyone else it runs as that user; as root it runs as the
 * owner of an existing data directory, else as `postgres`, else as `nobody`. No account is made.
 *
 * @param reach files and directories that the account must be able to get to.
 * @throws when root owns the machine but there is no account to use.
 */
export function postgresAccount(dataDir: string, reach: string[]): PostgresAccount {
  if (process.getuid?.() !== 0) return { ids: null, prefix: [] };
  const account = ownerOf(dataDir) ?? accountNamed("postgres") ?? accountNamed("nobody");
  if (!account) {
    throw new Error(
      "Postgres does not run as root and this system has neither a `postgres` nor a `nobody` " +
        "account. Make one (useradd --system postgres), start as another user, or give DATABASE_URL.",
    );
  }
  const reachable = reach.flatMap(parentsOf).every((directory) => isSearchableByAll(directory));
  return { ids: account, prefix: reachable ? [] : withFileAccess(account) };
}

function ownerOf(dataDir: string): Ids | null {
  if (!existsSync(dataDir)) return null;
  const { uid, gid } = statSync(dataDir);
  return uid === 0 ? null : { uid, gid };
}

function accountNamed(name: string): Ids | null {
  if (!existsSync("/etc/passwd")) return null;
  const line = readFileSync("/etc/passwd", "utf8").match(
    new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m"),
  );
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : null;
}

function isSearchableByAll(directory: string): boolean {
  return !existsSync(directory) || (statSync(directory).mode & 0o001) !== 0;
}

/**
 * A checkout under /root (mode 700) is closed to every other account. setpriv changes the user
 * but lets the program keep root's right to reach files; Postgres only minds the user.
 */
function withFileAccess(account: Ids): string[] {
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((file) => existsSync(file));
  if (!setpriv) {
    throw new Error(
      "The checkout lies in a directory that only root can enter, and Postgres does not run as " +
        "root. Move it (for example to /srv), start as another user, or give DATABASE_URL.",
    );
  }
  const caps = "+dac_override,+dac_read_search";
  return [
    setpriv,
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    "--clear-groups",
    `--inh-caps=${caps}`,
    `--ambient-caps=${caps}`,
  ];
}
