import { readdir, readFile } from "node:fs/promises";
import { createTestDatabase } from "@ilgam/testing";
import { describe, expect, test } from "vitest";
import { applyMigrations, createPool, type Pool } from "../index.ts";
import { buildIndexes, buildsConcurrently } from "./concurrent-indexes.ts";

const database = await createTestDatabase();

/** The same server, an empty database: outside of any transaction, as CREATE DATABASE wants it. */
async function emptyDatabase(name: string): Promise<string> {
  const url = new URL(database.url);
  const unique = `${url.pathname.slice(1)}_${name}`;
  await database.query(`CREATE DATABASE ${unique} TEMPLATE template0`);
  url.pathname = `/${unique}`;
  return url.href;
}

async function dropDatabase(url: string): Promise<void> {
  await database.query(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

test("migrating twice changes nothing the second time", async () => {
  expect(await applyMigrations(database.url)).toEqual([]);
});

test("two processes that migrate an empty database at once apply everything once", async () => {
  const url = await emptyDatabase("race");
  const applied = await Promise.all([1, 2, 3].map(() => applyMigrations(url)));
  const pool = createPool({ url, size: 1 });
  const rows = await pool.query<{ name: string }>(
    `SELECT migration_name AS name FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL ORDER BY migration_name`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(applied.flat().toSorted()).toEqual(rows.map((row) => row.name));
  await pool.query("SELECT id FROM jobs");
  await pool.close();
  await dropDatabase(url);
});

test("a migration whose file was changed after it was applied is refused by name", async () => {
  const url = await emptyDatabase("changed");
  const [first] = await applyMigrations(url);
  const pool = createPool({ url, size: 1 });
  await pool.query(`UPDATE "_prisma_migrations" SET checksum = 'other' WHERE migration_name = $1`, [
    first,
  ]);
  await expect(applyMigrations(url)).rejects.toThrow(`migration ${first} was changed`);
  await pool.close();
  await dropDatabase(url);
});

test("a migration that fails leaves nothing, and the next try applies it", async () => {
  const url = await emptyDatabase("half");
  const pool = createPool({ url, size: 1 });
  await pool.query("CREATE TABLE document_counts (n int)");
  await expect(applyMigrations(url)).rejects.toMatchObject({ code: "42P07" });
  const [jobs] = await pool.query("SELECT to_regclass('jobs') AS name");
  expect(jobs).toEqual({ name: null });
  await pool.query("DROP TABLE document_counts");
  expect(await applyMigrations(url)).not.toEqual([]);
  await pool.close();
  await dropDatabase(url);
});

const folder = new URL("../../../../prisma/migrations/", import.meta.url);
/** From here on an index on a table that has rows is built beside its writes. */
const since = "20261126";

test("a new migration builds no index that stops the writes of a table which is there already", async () => {
  const names = (await readdir(folder)).filter((name) => /^\d/.test(name) && name >= since);
  for (const name of names) {
    const script = await readFile(new URL(`${name}/migration.sql`, folder), "utf8");
    const made = [...script.matchAll(/CREATE TABLE "(\w+)"/g)].map((match) => match[1]);
    const indexed = [...script.matchAll(/INDEX (?!CONCURRENTLY)"\w+" ON "(\w+)"/g)];
    const stopped = indexed.map((match) => match[1]).filter((table) => !made.includes(table));
    expect(stopped, `${name}: write CREATE INDEX CONCURRENTLY, in a migration of its own`).toEqual(
      [],
    );
  }
});

describe("an index that is built beside writes", () => {
  const build = 'CREATE INDEX CONCURRENTLY "by_n" ON "numbers" ("n");';
  const isValid = async (pool: Pool) =>
    (
      await pool.query(
        "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'by_n'::regclass",
      )
    )[0];

  async function numbers(name: string) {
    const url = await emptyDatabase(name);
    const pool = createPool({ url, size: 4 });
    await pool.query("CREATE TABLE numbers AS SELECT n FROM generate_series(1, 1000) AS n");
    return { url, pool };
  }

  test("lets them go on while it waits for an older transaction", async () => {
    const { url, pool } = await numbers("beside");
    const gate = Promise.withResolvers<void>();
    const older = pool.transaction(async (tx) => {
      await tx.query("INSERT INTO numbers VALUES (0)");
      await gate.promise;
    });
    const builder = createPool({ url, size: 1, queryTimeoutMs: 60_000 });
    const building = buildIndexes(builder, build);
    const waits = async () =>
      (await pool.query("SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"))
        .length;
    await expect.poll(waits).toBe(1);
    await pool.query("INSERT INTO numbers VALUES (-1)");
    gate.resolve();
    await Promise.all([older, building]);
    expect(await isValid(pool)).toEqual({ valid: true });
    await Promise.all([pool.close(), builder.close()]);
    await dropDatabase(url);
  });

  test("is built again when the first try was killed, and kept when it is there", async () => {
    const { url, pool } = await numbers("killed");
    const gate = Promise.withResolvers<void>();
    const older = pool.transaction(async (tx) => {
      await tx.query("INSERT INTO numbers VALUES (0)");
      await gate.promise;
    });
    const builder = createPool({ url, size: 1, queryTimeoutMs: 60_000 });
    const killed = buildIndexes(builder, build).catch((error: unknown) => error);
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index
      WHERE phase LIKE 'waiting%'`;
    await expect.poll(async () => (await pool.query(kill)).length).toBe(1);
    expect(await killed).toBeInstanceOf(Error);
    expect(await isValid(pool)).toEqual({ valid: false });
    gate.resolve();
    await older;
    await buildIndexes(pool, build);
    expect(await isValid(pool)).toEqual({ valid: true });
    const [before] = await pool.query("SELECT 'by_n'::regclass::oid AS oid");
    await buildIndexes(pool, build);
    expect(await pool.query("SELECT 'by_n'::regclass::oid AS oid")).toEqual([before]);
    await Promise.all([pool.close(), builder.close()]);
    await dropDatabase(url);
  });

  test("stands in a migration with nothing else", async () => {
    expect(buildsConcurrently(build)).toBe(true);
    expect(buildsConcurrently("-- INDEX CONCURRENTLY\nSELECT 1;")).toBe(false);
    const { url, pool } = await numbers("else");
    const mixed = `${build}\nDROP TABLE numbers;`;
    await expect(buildIndexes(pool, mixed)).rejects.toThrow("not: DROP TABLE numbers");
    expect(await pool.query("SELECT to_regclass('by_n') AS name")).toEqual([{ name: null }]);
    await pool.close();
    await dropDatabase(url);
  });
});
