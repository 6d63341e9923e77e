import {
  type Database,
  endLongHolds,
  listQueueSettings,
  markHeld,
  type SweptJob,
  unmarkHeld,
} from "@ilgam/db";
import type { QueueHolds } from "../settings/queue-holds.ts";

/** How often a held queue is looked through for jobs that have become due meanwhile. */
const everyMs = 5_000;
/** A full page: there may be more. */
const page = 500;

/**
 * Keeps the jobs of held queues told what they wait for, and ends those that have waited too long.
 * @returns what is to be done at each sweep, and `reset` for when another process sweeps
 */
export function createHoldSweep(options: {
  db: Pick<Database, "sql">;
  holds: QueueHolds;
  maxHoldMs: number;
}): { sweep(): Promise<SweptJob[]>; reset(): void } {
  const { holds, maxHoldMs } = options;
  const { sql } = options.db;
  /** Queues that this process has marked; undefined before it knows what others did. */
  let marked: Set<string> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let hasChanged = true;
  holds.onChange(() => {
    hasChanged = true;
  });

  return {
    reset: () => {
      marked = undefined;
    },
    sweep: async () => {
      const now = performance.now();
      if (marked && !hasChanged && now - last < everyMs) return [];
      if (marked?.size === 0 && !hasChanged) return [];
      last = now;
      hasChanged = false;
      const names = (await listQueueSettings(sql)).map(({ name }) => name);
      const held = names.flatMap((queue) => {
        const why = holds.heldBy(queue);
        return why === undefined ? [] : [{ queue, why }];
      });
      const isHeld = (queue: string) => held.some((one) => one.queue === queue);
      for (const one of held) while ((await markHeld(sql, one)) === page);
      const open = names.filter((queue) => !isHeld(queue) && (marked?.has(queue) ?? true));
      for (const queue of open) while ((await unmarkHeld(sql, queue)) === page);
      marked = new Set(held.map(({ queue }) => queue));
      if (held.length === 0) return [];
      return endLongHolds(
        sql,
        held.map(({ queue }) => queue),
        maxHoldMs,
      );
    },
  };
}
