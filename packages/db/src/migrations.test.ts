import { createTestDatabase } from "@ilgam/testing";
import { expect, test } from "vitest";
import { applyMigrations, createPool } from "./index.ts";

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
