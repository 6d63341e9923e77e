import { readFile } from "node:fs/promises";
import { applyMigrations, createPool } from "@ilgam/db";

export const TEMPLATE = "ilgam_template";

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const target = new URL(url);
  target.pathname = `/${database}`;
  return target.href;
}

/** Makes `ilgam_template`, once a server: migrated, and with the history of every job kept. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  const admin = createPool({ url: serverUrl, size: 1 });
  try {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  } finally {
    await admin.close();
  }
  await migrateForTests(withDatabase(serverUrl, TEMPLATE));
}

/** The product's migrations and, over them, the history trigger of the tests. */
export async function migrateForTests(databaseUrl: string): Promise<void> {
  await applyMigrations(databaseUrl);
  const pool = createPool({ url: databaseUrl, size: 1 });
  try {
    await pool.query(await readFile(new URL("history-trigger.sql", import.meta.url), "utf8"));
  } finally {
    await pool.close();
  }
}
