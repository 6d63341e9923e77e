import type { Settlement } from "@ilgam/db";
import type { RedisConnection } from "../redis/redis.ts";

const ttlMs = 6 * 3_600_000;
const largestBytes = 1024 * 1024;

type Spooled = { epoch: number } & Pick<Settlement, "outcome" | "spent" | "calls">;

const keyOf = (job: { id: string; run: number }) => `{ilgam}:spool:${job.id}:${job.run}`;

/** Results that Postgres could not take yet, kept in Redis beside the process's memory. */
export function createSpool(redis: RedisConnection, onError: (error: Error) => void) {
  return {
    /** Keeps a completed result; larger than 1 MB stays in memory only. */
    keep: async (run: number, settlement: Settlement): Promise<void> => {
      if (settlement.outcome.type !== "completed") return;
      const { id, epoch, outcome, spent, calls } = settlement;
      const text = JSON.stringify({ epoch, outcome, spent, calls });
      if (Buffer.byteLength(text) > largestBytes) return;
      // Memory still has it; a successor then does the work again.
      await redis.set(keyOf({ id, run }), text, "PX", ttlMs).catch(onError);
    },
    /** The result that a predecessor of the same run could not store, if there is one. */
    adopt: async (job: { id: string; run: number }): Promise<Spooled | undefined> => {
      try {
        const text = await redis.get(keyOf(job));
        return text ? (JSON.parse(text) as Spooled) : undefined;
      } catch (error) {
        onError(error as Error);
        return undefined;
      }
    },
    drop: async (job: { id: string; run: number }): Promise<void> => {
      await redis.del(keyOf(job)).catch(onError);
    },
  };
}
export type Spool = ReturnType<typeof createSpool>;
