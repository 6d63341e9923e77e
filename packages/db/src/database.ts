import { MicroBatcher } from "./connection/micro-batcher.ts";
import { createPool, type Pool, type PoolOptions } from "./connection/pool.ts";
import { createWriteCheck } from "./connection/write-check.ts";
import type { ClaimOutcome, ClaimRequest } from "./jobs/claim.ts";
import { claimAll } from "./jobs/claim.ts";
import { type EventWrite, eventsAll, type ProgressWrite, progressAll } from "./jobs/live-writes.ts";
import { type Settlement, type SettleOutcome, settleAll } from "./jobs/settle.ts";
import { type SpentCall, spendAll } from "./jobs/spend.ts";
import { type Submission, type SubmitOutcome, submitAll } from "./jobs/submit.ts";

export type DatabaseOptions = PoolOptions & {
  /** Told the rows of each flush by the verb's name: for metrics. */
  onFlush?: (verb: string, items: number) => void;
};

/** Postgres, with the hot verbs in micro-batches. Everything else is a function over `sql`. */
export type Database = {
  sql: Pool;
  /** Committed when it resolves. @throws Unavailable, Overloaded */
  submit(submission: Submission): Promise<SubmitOutcome>;
  claim(request: ClaimRequest): Promise<ClaimOutcome>;
  settle(settlement: Settlement): Promise<SettleOutcome>;
  /** False when the writer no longer holds the job. */
  progress(write: ProgressWrite): Promise<boolean>;
  event(write: EventWrite): Promise<boolean>;
  /** Adds a call to the sums; told twice, it counts once. */
  spend(call: SpentCall): Promise<true>;
  /** Resolves when Postgres answers. */
  ping(): Promise<void>;
  /** Resolves when Postgres takes writes: it is neither read-only nor its disk full. */
  canWrite(): Promise<void>;
  close(): Promise<void>;
};

/** Opens the database; connections are made when first needed. */
export function createDatabase(options: DatabaseOptions): Database {
  const sql = createPool(options);
  const batched = <Item, Result>(
    verb: string,
    flush: (sql: Pool, items: Item[]) => Promise<Result[]>,
    rowsOf?: (item: Item) => number,
  ) =>
    new MicroBatcher<Item, Result>({
      flush: (items) => flush(sql, items),
      onFlush: (items) => options.onFlush?.(verb, items),
      ...(rowsOf ? { rowsOf } : {}),
    });
  const submit = batched("submit", submitAll, (one: Submission) => one.jobs.length);
  const claim = batched("claim", claimAll);
  const settle = batched("settle", settleAll);
  const progress = batched("progress", progressAll);
  const event = batched("event", eventsAll);
  const spend = batched("spend", spendAll);
  return {
    sql,
    submit: (one) => submit.add(one),
    claim: (one) => claim.add(one),
    settle: (one) => settle.add(one),
    progress: (one) => progress.add(one),
    event: (one) => event.add(one),
    spend: (one) => spend.add(one),
    ping: async () => {
      await sql.query("SELECT 1");
    },
    canWrite: createWriteCheck(sql),
    close: () => sql.close(),
  };
}
