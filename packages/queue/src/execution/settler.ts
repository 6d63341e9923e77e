import { backoffMs, type JobError, TryLater } from "@ilgam/contracts";
import {
  type ClaimedJob,
  type Database,
  finishBatches,
  isUnavailable,
  MicroBatcher,
  type Settlement,
  type SettleOutcome,
  settleAll,
} from "@ilgam/db";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { CatalogueEntry, EndedJob } from "./job-context.ts";
import { persist } from "./persist.ts";
import type { Spool } from "./spool.ts";

export type Settler = {
  /** Ends an attempt; waits out an outage of Postgres with the result in the spool. */
  settle(entry: CatalogueEntry, job: ClaimedJob, settlement: Settlement): Promise<SettleOutcome>;
};

/** The one place where attempts end: hooks, batch ends and the next dispatch follow from here. */
export function createSettler(options: {
  db: Database;
  dispatcher: Dispatcher;
  spool: Spool;
  /** Postgres or a hook refused an end; the job was given another one. */
  onRefused: (job: ClaimedJob, error: unknown) => void;
  /** Told the ids of batches whose last job has ended. */
  onBatchesFinished: (ids: string[]) => void;
}): Settler {
  const { db, dispatcher, spool, onRefused } = options;
  const batchEnds = new MicroBatcher<string, undefined>({
    maxInFlight: 1,
    flush: async (ids) => {
      const finished = await finishBatches(db.sql, [...new Set(ids)]);
      if (finished.length > 0) options.onBatchesFinished(finished);
      return ids.map(() => undefined);
    },
  });

  async function write(
    entry: CatalogueEntry,
    job: ClaimedJob,
    settlement: Settlement,
  ): Promise<SettleOutcome> {
    const hasHook =
      settlement.outcome.type === "completed"
        ? entry.handler.onCompleted !== undefined
        : entry.handler.onFailed !== undefined;
    return hasHook ? settleWithHooks(db, entry, job, settlement) : db.settle(settlement);
  }

  /** Waits out an outage of Postgres; tells whether the result went through the spool. */
  async function writeDurably(
    entry: CatalogueEntry,
    job: ClaimedJob,
    settlement: Settlement,
  ): Promise<{ outcome: SettleOutcome; spooled: boolean }> {
    let spooled = false;
    const outcome = await persist(async () => {
      try {
        return await write(entry, job, settlement);
      } catch (error) {
        if (isUnavailable(error) && !spooled) {
          spooled = true;
          await spool.keep(job.run, settlement);
        }
        throw error;
      }
    });
    return { outcome, spooled };
  }

  /**
   * Ends an attempt whose own end was refused (a result that jsonb does not take, a hook that
   * throws): retried, at last failed, and without its hooks when those throw too; given back when
   * the hook threw TryLater. Left alone it would be processing for as long as this process lives.
   */
  async function settleRefused(
    entry: CatalogueEntry,
    job: ClaimedJob,
    { spent, calls }: Settlement,
    refusal: unknown,
  ): Promise<SettleOutcome> {
    const { id, epoch } = job;
    if (refusal instanceof TryLater) {
      const { message: why, delayMs } = refusal;
      const again: Settlement = {
        ...{ id, epoch, spent, calls },
        outcome: { type: "release", why, delayMs },
      };
      return (await writeDurably(entry, job, again)).outcome;
    }
    onRefused(job, refusal);
    const error = { code: "end_refused", message: "the job's end could not be stored" };
    const delayMs = backoffMs(entry.policy.backoff, job.attempt);
    try {
      const again: Settlement = {
        ...{ id, epoch, spent, calls },
        outcome: { type: "retry", error, delayMs },
      };
      return (await writeDurably(entry, job, again)).outcome;
    } catch (hookError) {
      onRefused(job, hookError);
      return persist(() =>
        db.settle({ id, epoch, spent, calls, outcome: { type: "failed", error } }),
      );
    }
  }

  async function settle(
    entry: CatalogueEntry,
    job: ClaimedJob,
    settlement: Settlement,
  ): Promise<SettleOutcome> {
    const { outcome, spooled } = await writeDurably(entry, job, settlement).catch(
      async (error: unknown) => ({
        outcome: await settleRefused(entry, job, settlement, error),
        spooled: true,
      }),
    );
    if (spooled && outcome.status !== "fenced") await spool.drop(job);
    if (outcome.status !== "settled") return outcome;
    const after = outcome.job;
    if (after.status === "queued") dispatcher.announce([after]);
    // Ignored: Postgres is away, and the sweeper closes the batch when it is back.
    else if (after.batchId) batchEnds.add(after.batchId).catch(() => undefined);
    return outcome;
  }

  return { settle };
}

async function settleWithHooks(
  db: Database,
  entry: CatalogueEntry,
  job: ClaimedJob,
  settlement: Settlement,
): Promise<SettleOutcome> {
  return db.sql.transaction(async (tx) => {
    const [outcome] = await settleAll(tx, [settlement]);
    if (outcome?.status !== "settled") return outcome as SettleOutcome;
    const { outcome: ended } = settlement;
    const about = endedJob(job, outcome.job.error, {
      status: outcome.job.status,
      result: ended.type === "completed" ? ended.output : undefined,
    });
    if (about.status === "completed") await entry.handler.onCompleted?.(tx, about);
    if (about.status === "failed") await entry.handler.onFailed?.(tx, about);
    return outcome;
  });
}

function endedJob(
  job: ClaimedJob,
  error: JobError | null,
  end: Pick<EndedJob<unknown, unknown>, "status" | "result">,
): EndedJob<unknown, unknown> {
  const { id, tenantId, run, input: payload } = job;
  return { id, tenantId, run, payload, error, ...end };
}
