import type { Pool } from "./pool.ts";
import { Unavailable } from "./sql.ts";

const readOnly = `SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery()
  AS "isReadOnly"`;

/** Some pages more on the disk, which are given back at once. */
const grow = `CREATE TEMP TABLE ilgam_write_check ON COMMIT DROP AS
  SELECT repeat('x', 1000) AS filler FROM generate_series(1, 100)`;

/**
 * Makes the question whether Postgres takes writes. It costs one small read; only after a write was
 * refused it tries the disk, until that goes well.
 * @returns rejects with Unavailable while it does not
 */
export function createWriteCheck(
  sql: Pick<Pool, "query" | "transaction" | "refusedWrites">,
): () => Promise<void> {
  let seen = 0;
  let isDoubtful = false;
  return async () => {
    const [row] = await sql.query<{ isReadOnly: boolean }>(readOnly);
    if (row?.isReadOnly) throw new Unavailable(new Error("Postgres is read-only"));
    isDoubtful ||= sql.refusedWrites() !== seen;
    seen = sql.refusedWrites();
    if (!isDoubtful) return;
    await sql.transaction((tx) => tx.query(grow));
    isDoubtful = false;
  };
}
