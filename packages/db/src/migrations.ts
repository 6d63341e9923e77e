import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createPool, type Pool } from "./pool.ts";

const advisoryLock = 4_951_608;
/** A statement waits so long for a table, then lets others by and tries again. */
const lockTimeoutMs = 2_000;
const lockTries = 150;
const folder = fileURLToPath(new URL("../../../prisma/migrations/", import.meta.url));
const bookkeeping = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/**
 * Applies the migrations that the database does not have yet, each in one transaction, recorded as
 * Prisma records them. Safe to call from several processes at once: they wait for one another.
 * @returns names of the migrations it applied.
 * @throws Error when an applied migration's file has changed since.
 */
export async function applyMigrations(databaseUrl: string): Promise<string[]> {
  const pool = createPool({
    url: databaseUrl,
    size: 1,
    connectTimeoutMs: 10_000,
    queryTimeoutMs: 600_000,
    applicationName: "ilgam-migrate",
  });
  try {
    const names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
    const applied: string[] = [];
    for (const name of names) {
      if (await applyPatiently(pool, name)) applied.push(name);
    }
    return applied;
  } finally {
    await pool.close();
  }
}

/** @throws Error when a table stays locked by others for about ten minutes */
async function applyPatiently(pool: Pool, name: string): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await applyOne(pool, name);
    } catch (error) {
      const isLocked = error instanceof Error && "code" in error && error.code === "55P03";
      if (!isLocked || tries === lockTries) throw error;
      await delay(lockTimeoutMs);
    }
  }
}

async function applyOne(pool: Pool, name: string): Promise<boolean> {
  const script = await readFile(`${folder}${name}/migration.sql`, "utf8");
  const checksum = createHash("sha256").update(script).digest("hex");
  return pool.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [advisoryLock]);
    // Waiting for a table (for a dump's end, say) everybody else would queue up behind it.
    await tx.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    await tx.query(bookkeeping);
    const [known] = await tx.query<{ checksum: string }>(
      `SELECT checksum FROM "_prisma_migrations"
       WHERE migration_name = $1 AND finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      [name],
    );
    if (known) {
      if (known.checksum === checksum) return false;
      throw new Error(
        `migration ${name} was changed after it was applied: restore the file and write a new one`,
      );
    }
    await tx.query(script);
    await tx.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at,
         applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    return true;
  });
}
