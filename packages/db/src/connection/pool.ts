import pg from "pg";
import { isUnavailable, isWriteRefused, type Sql, Unavailable } from "./sql.ts";

export type PoolOptions = {
  url: string;
  /** Connections. Default 10. */
  size?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /**
   * Idle connections stay open instead of being closed after 10 s: a new one costs Postgres a process
   * and, on busy cores, more than `connectTimeoutMs`. Default false.
   */
  keepOpen?: boolean;
  /** Longest wait for a connection, milliseconds. Default 800, so that a 503 comes within 1 s. */
  connectTimeoutMs?: number;
  /** Longest wait for an answer, milliseconds. Default 15,000. */
  queryTimeoutMs?: number;
  /** Told of errors of idle connections (Postgres restarted): there is no caller to tell. */
  onIdleError?: (error: Error) => void;
};

const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    // int8: our counters and seconds stay far below 2^53.
    if (oid === 20 && format !== "binary") return Number;
    return pg.types.getTypeParser(oid, format as "text");
  },
};

/** Connections of a pool, and who waits for one. */
export type PoolUsage = { size: number; used: number; idle: number; waiting: number };

export type Pool = Sql & {
  /** Runs `work` in one transaction; rolls back when it throws. */
  transaction<T>(work: (tx: Sql) => Promise<T>, options?: { setup?: string }): Promise<T>;
  /** Opens all connections now, so that no caller waits for one; those that fail are opened later. */
  openAll(): Promise<void>;
  /** At this moment; costs nothing. */
  usage(): PoolUsage;
  /** How many statements were refused so far because Postgres could not write. */
  refusedWrites(): number;
  /** The pool itself, for Prisma's adapter. */
  native: pg.Pool;
  close(): Promise<void>;
};

/** Connections to Postgres. No session state is kept, so it works behind PgBouncer. */
export function createPool(options: PoolOptions): Pool {
  const native = new pg.Pool({
    connectionString: options.url,
    max: options.size ?? 10,
    application_name: options.applicationName ?? "ilgam",
    connectionTimeoutMillis: options.connectTimeoutMs ?? 800,
    query_timeout: options.queryTimeoutMs ?? 15_000,
    keepAlive: true,
    ...(options.keepOpen ? { idleTimeoutMillis: 0 } : {}),
    types,
  });
  native.on("error", (error) => options.onIdleError?.(error));
  let refusedWrites = 0;

  function translate(error: unknown): unknown {
    if (isWriteRefused(error)) refusedWrites += 1;
    return isUnavailable(error) ? new Unavailable(error) : error;
  }

  async function translated<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw translate(error);
    }
  }

  async function transaction<T>(work: (tx: Sql) => Promise<T>, setup?: string): Promise<T> {
    const client = await translated(native.connect());
    let broken: Error | undefined;
    // The pool listens to idle clients only: without this, a connection that ends inside a
    // transaction (a restart, a time-out of the server) is an uncaught exception.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on("error", onError);
    try {
      await client.query(setup ? `BEGIN; ${setup}` : "BEGIN");
      const result = await work({
        query: async <Row>(text: string, values?: unknown[]) =>
          (await client.query(text, values)).rows as Row[],
      });
      const { command } = await client.query("COMMIT");
      // A statement failed and `work` went on: Postgres then rolls back, and calls it no error.
      if (command !== "COMMIT") throw new Error("the transaction was rolled back");
      return result;
    } catch (error) {
      // A connection that cannot roll back is thrown away; Postgres rolls back by itself then. One
      // that did not answer is not asked: the wait for it would be a second time-out.
      if (isUnavailable(error)) {
        broken = error as Error;
        throw translate(error);
      }
      await client.query("ROLLBACK").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  return {
    native,
    openAll: async () => {
      const wanted = Array.from({ length: native.options.max }, () => native.connect());
      for (const one of await Promise.allSettled(wanted)) {
        if (one.status === "fulfilled") one.value.release();
      }
    },
    usage: () => {
      const { totalCount, idleCount: idle, waitingCount: waiting } = native;
      return { size: native.options.max, used: totalCount - idle, idle, waiting };
    },
    refusedWrites: () => refusedWrites,
    query: async <Row>(text: string, values?: unknown[]) =>
      (await translated(native.query(text, values))).rows as Row[],
    transaction: (work, settings) => transaction(work, settings?.setup),
    close: () => native.end(),
  };
}
