import { createTestDatabase, startOwnPostgres } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createPool, Unavailable } from "../index.ts";
import { createWriteCheck } from "./write-check.ts";

test("a read-only Postgres takes no writes, and is believed again when it does", async () => {
  const postgres = await startOwnPostgres();
  const pool = createPool({ url: postgres.url, size: 2 });
  const canWrite = createWriteCheck(pool);
  await canWrite();
  await pool.query("ALTER SYSTEM SET default_transaction_read_only = on");
  await pool.query("SELECT pg_reload_conf()");
  await expect.poll(() => canWrite().catch((error: unknown) => error)).toBeInstanceOf(Unavailable);
  await pool.query("BEGIN; SET TRANSACTION READ WRITE; COMMIT");
  await pool.query("ALTER SYSTEM SET default_transaction_read_only = off");
  await pool.query("SELECT pg_reload_conf()");
  await expect
    .poll(() =>
      canWrite().then(
        () => "yes",
        () => "no",
      ),
    )
    .toBe("yes");
  await pool.close();
}, 60_000);

test("after a refused write the disk is tried, until it takes one", async () => {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, size: 1 });
  const asked: string[] = [];
  let isFull = true;
  const canWrite = createWriteCheck({
    query: pool.query,
    refusedWrites: pool.refusedWrites,
    transaction: (work) =>
      pool.transaction((tx) =>
        work({
          query: async (text, values) => {
            asked.push(text);
            // What Postgres answers on a full disk, from Postgres itself.
            if (isFull) await tx.query("DO $$ BEGIN RAISE disk_full; END $$");
            return tx.query(text, values);
          },
        }),
      ),
  });
  await canWrite();
  expect(asked).toEqual([]);
  await expect(pool.query("DO $$ BEGIN RAISE disk_full; END $$")).rejects.toThrow(Unavailable);
  await expect(canWrite()).rejects.toThrow(Unavailable);
  await expect(canWrite()).rejects.toThrow(Unavailable);
  isFull = false;
  await canWrite();
  expect(asked).toHaveLength(3);
  await canWrite();
  expect(asked).toHaveLength(3);
  await pool.close();
});
