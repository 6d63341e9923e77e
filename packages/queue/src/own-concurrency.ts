import type { LimitsInForce } from "@ilgam/contracts";
import { listQueueSettings, type QueueSettings, type Sql } from "@ilgam/db";
import type { Worker } from "bullmq";

/** How many jobs of a queue this process runs at once. */
export function concurrencyOf(inForce: LimitsInForce | undefined, declared: number): number {
  return inForce?.concurrency ?? declared;
}

export type OwnConcurrency = {
  /** Reads the settings anew; calls that come together share one read. Never rejects. */
  refresh(): Promise<void>;
  /** By queue, what holds now. */
  inForce(): Record<string, number>;
};

/** Keeps this process's workers at the limits that an operator or the hour sets. */
export function followSettings(options: {
  sql: Sql;
  /** By queue: what its kind declares in this process. */
  declared: ReadonlyMap<string, number>;
  workers: () => readonly Worker[];
  isStopping: () => boolean;
  /** Postgres away: what is known goes on holding. */
  onError: (error: unknown) => void;
}): OwnConcurrency {
  const { sql, declared, workers, isStopping, onError } = options;
  const known = new Map<string, string>();
  let reading: Promise<void> | undefined;
  let again = false;

  function apply({ name, inForce }: QueueSettings): void {
    const worker = workers().find((one) => one.name === name);
    const own = declared.get(name);
    if (!worker || own === undefined) return;
    worker.concurrency = concurrencyOf(inForce, own);
    const text = JSON.stringify(inForce);
    const isNew = known.get(name) !== text;
    known.set(name, text);
    if (isNew && !isStopping()) wake(worker, onError);
  }

  async function read(): Promise<void> {
    do {
      again = false;
      try {
        for (const settings of await listQueueSettings(sql)) apply(settings);
      } catch (error) {
        onError(error);
      }
    } while (again);
    reading = undefined;
  }

  return {
    refresh: () => {
      if (reading) again = true;
      reading ??= read();
      return reading;
    },
    inForce: () => Object.fromEntries(workers().map((one) => [one.name, one.concurrency])),
  };
}

/**
 * A BullMQ worker that has jobs in hand looks for more only when one of them ends, or when it is
 * resumed. Both calls take effect before they return, so nobody sees it paused.
 */
function wake(worker: Worker, onError: (error: unknown) => void): void {
  if (!worker.isRunning() || worker.isPaused()) return;
  Promise.all([worker.pause(true), worker.resume()]).catch(onError);
}
