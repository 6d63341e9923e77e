import { randomBytes } from "node:crypto";
import { createPool } from "@ilgam/db";
import { inject } from "vitest";
import { atFileEnd } from "./file-end.ts";
import { TEMPLATE, withDatabase } from "./template-database.ts";
import { waitFor } from "./wait-for.ts";

export type TestDatabase = {
  url: string;
  /** Runs one statement past the product, as a test's own look at the tables. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
};

/** Connections closed by a test's last hook are gone a moment later. */
const CLOSING_MS = 3_000;

/**
 * A migrated, empty database of the file's own, dropped at its end. A connection that somebody
 * still holds then fails the file.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject("ilgamPostgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = createPool({ url: serverUrl, size: 1, connectTimeoutMs: 20_000 });
  // Two files that copy the template at once would collide; the lock belongs to the statement's
  // connection, and the pool has one.
  await admin.query("SELECT pg_advisory_lock(1)");
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  await admin.query("SELECT pg_advisory_unlock(1)");
  const url = withDatabase(serverUrl, name);
  const pool = createPool({ url, size: 2, applicationName: "test", connectTimeoutMs: 20_000 });
  atFileEnd(`database ${name}`, async () => {
    await pool.close();
    try {
      await expectNoConnection(admin, name);
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.close();
    }
  });
  return { url, query: (text, values) => pool.query(text, values) };
}

async function expectNoConnection(
  admin: TestDatabase | { query: TestDatabase["query"] },
  name: string,
) {
  let held: { application_name: string; state: string }[] = [];
  const gone = async () => {
    held = await admin.query(
      "SELECT application_name, state FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    return held.length === 0;
  };
  await waitFor(gone, { what: "connections to close", timeoutMs: CLOSING_MS }).catch(() => {
    const who = held.map((one) => `${one.application_name} (${one.state})`).join(", ");
    throw new Error(`${held.length} connections were left open: ${who}`);
  });
}
