import { type Database, listQueueSettings } from "@ilgam/db";

const maxAgeMs = 30_000;

/** Priority epochs by queue, read again after 30 s. */
export function createEpochCache(db: Database) {
  let epochs = new Map<string, number>();
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    known: (queue: string) => epochs.get(queue) ?? 0,
    forget: () => {
      readAt = Number.NEGATIVE_INFINITY;
    },
    of: async (queue: string) => {
      if (performance.now() - readAt > maxAgeMs || !epochs.has(queue)) {
        const rows = await listQueueSettings(db.sql);
        epochs = new Map(rows.map((row) => [row.name, row.priorityEpoch]));
        readAt = performance.now();
      }
      return epochs.get(queue) ?? 0;
    },
  };
}
