import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createPool, type Pool } from "../connection/pool.ts";
import type { Sql } from "../connection/sql.ts";
import { buildIndexes, buildsConcurrently } from "./concurrent-indexes.ts";

const advisoryLock = 4_951_608;
/** A statement waits so long for a table, then lets others by and tries again. */
const lockTimeoutMs = 2_000;
const lockTries = 150;
const folder = fileURLToPath(new URL("../../../../prisma/migrations/", import.meta.url));
const bookkeeping = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/** Building an index over a large table takes its time. */
const queryTimeoutMs = 6 * 3_600_000;
/** Between two looks whether another process is done. */
const turnMs = 200;

/**
 * Applies the migrations that the database does not have yet, each in one transaction, recorded as
 * Prisma records them; one of `CREATE INDEX CONCURRENTLY` statements outside of any, so that nobody's
 * writes wait for it. Safe to call from several processes at once: they wait for one another.
 * @returns names of the migrations it applied.
 * @throws Error when an applied migration's file has changed since.
 */
export async function applyMigrations(databaseUrl: string): Promise<string[]> {
  const pool = createPool({
    url: databaseUrl,
    size: 1,
    connectTimeoutMs: 10_000,
    queryTimeoutMs,
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
  const migration = { name, script, checksum: createHash("sha256").update(script).digest("hex") };
  if (buildsConcurrently(script)) return applyIndexes(pool, migration);
  for (;;) {
    const applied = await pool.transaction(async (tx) => {
      // Tried, not waited for: an index that is being built waits for all open transactions.
      const sql = "SELECT pg_try_advisory_xact_lock($1) AS mine";
      const [turn] = await tx.query<{ mine: boolean }>(sql, [advisoryLock]);
      if (!turn?.mine) return undefined;
      // Waiting for a table (for a dump's end, say) everybody else would queue up behind it.
      await tx.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      await tx.query(bookkeeping);
      if (await isApplied(tx, migration)) return false;
      await tx.query(script);
      await record(tx, migration);
      return true;
    });
    if (applied !== undefined) return applied;
    await delay(turnMs);
  }
}

/** The pool's one connection holds the lock, and each statement is a transaction of its own. */
async function applyIndexes(pool: Pool, migration: Migration): Promise<boolean> {
  const lock = async () => {
    const sql = "SELECT pg_try_advisory_lock($1) AS mine";
    const [turn] = await pool.query<{ mine: boolean }>(sql, [advisoryLock]);
    return turn?.mine === true;
  };
  while (!(await lock())) await delay(turnMs);
  try {
    await pool.query(bookkeeping);
    if (await isApplied(pool, migration)) return false;
    await buildIndexes(pool, migration.script);
    await record(pool, migration);
    return true;
  } finally {
    await pool.query("SELECT pg_advisory_unlock($1)", [advisoryLock]);
  }
}

type Migration = { name: string; script: string; checksum: string };

/** @throws Error when it was applied in another form */
async function isApplied(sql: Sql, { name, checksum }: Migration): Promise<boolean> {
  const [known] = await sql.query<{ checksum: string }>(
    `SELECT checksum FROM "_prisma_migrations"
     WHERE migration_name = $1 AND finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    [name],
  );
  if (known && known.checksum !== checksum) {
    throw new Error(
      `migration ${name} was changed after it was applied: restore the file and write a new one`,
    );
  }
  return known !== undefined;
}

async function record(sql: Sql, { name, checksum }: Migration): Promise<void> {
  await sql.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at,
       applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
    [randomUUID(), checksum, name],
  );
}
