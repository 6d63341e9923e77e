import { setTimeout as delay } from "node:timers/promises";
import { type Database, ensureQueues, pendingMigrations, Unavailable } from "@ilgam/db";
import type { Kinds } from "../kinds/resolve-kinds.ts";

/**
 * Waits for Postgres, refuses one that is not migrated, and makes the queues' rows.
 * @throws Error with a sentence for the operator.
 */
export async function prepareDatabase(db: Database, kinds: Kinds, waitMs: number): Promise<void> {
  const pending = await patiently(() => pendingMigrations(db.sql), waitMs);
  if (pending.length > 0) {
    throw new Error(
      `the database lacks ${pending.length} migration(s) (${pending.join(", ")}): ` +
        "run `npm run db:migrate` first",
    );
  }
  const queues = [...kinds.values()].map(({ definition, policy }) => ({
    name: definition.kind,
    globalConcurrency: policy.globalConcurrency,
    limiter: policy.limiter,
  }));
  await ensureQueues(db.sql, queues);
}

async function patiently<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      if (performance.now() >= giveUpAt) {
        const cause = error.cause instanceof Error ? error.cause.message : "no answer";
        throw new Error(`Postgres at DATABASE_URL does not answer: ${cause}`, { cause: error });
      }
      await delay(250);
    }
  }
}
