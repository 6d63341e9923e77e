import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Sql } from "../connection/sql.ts";

const folder = fileURLToPath(new URL("../../../../prisma/migrations/", import.meta.url));

/** Names of the migrations that the database still lacks, in their order. */
export async function pendingMigrations(sql: Sql): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const [table] = await sql.query<{ found: boolean }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS found`,
  );
  if (!table?.found) return names.sort();
  const rows = await sql.query<{ name: string }>(
    `SELECT migration_name AS name FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const applied = new Set(rows.map((row) => row.name));
  return names.filter((name) => !applied.has(name)).sort();
}
