import type { LimitsInForce } from "@ilgam/contracts";
import { listQueueSettings, type QueueSettings, type Sql } from "@ilgam/db";
import type { Worker } from "bullmq";
import {
  type AdaptiveConcurrency,
  type CallEnd,
  createAdaptiveConcurrency,
} from "./adaptive-concurrency.ts";

/** How many jobs of a queue this process runs at once. */
export function concurrencyOf(inForce: LimitsInForce | undefined, declared: number): number {
  return inForce?.concurrency ?? declared;
}

export type OwnConcurrency = {
  /** Tells of a call that a job of this process made; adaptive queues go by them. */
  noteCall(queue: string, call: CallEnd): void;
  /** Ends the steps of adaptive queues. */
  stop(): void;
  /** Reads the settings anew; calls that come together share one read. Never rejects. */
  refresh(): Promise<void>;
  /** By queue, what holds now. */
  inForce(): Record<string, number>;
};

/** Between two steps of an adaptive queue. */
const stepMs = 1_000;

/** Keeps this process's workers at the limits that an operator or the hour sets. */
export function followSettings(options: {
  sql: Sql;
  /** By queue: what its kind declares in this process. */
  declared: ReadonlyMap<string, number>;
  workers: () => readonly Worker[];
  /** Jobs of a queue that the process has in progress. */
  inHand: (queue: string) => number;
  isStopping: () => boolean;
  /** Postgres away: what is known goes on holding. */
  onError: (error: unknown) => void;
}): OwnConcurrency {
  const { sql, declared, workers, inHand, isStopping, onError } = options;
  const known = new Map<string, string>();
  const adaptives = new Map<string, AdaptiveConcurrency>();
  let reading: Promise<void> | undefined;
  let again = false;

  /** The number that the queue has come to, or `start` when it is not adaptive. */
  function adapted(name: string, { adaptive: bounds }: LimitsInForce, start: number): number {
    if (!bounds) {
      adaptives.delete(name);
      return start;
    }
    const adaptive = adaptives.get(name) ?? createAdaptiveConcurrency(start, bounds);
    adaptives.set(name, adaptive);
    adaptive.setBounds(bounds);
    return adaptive.value();
  }

  const timer = setInterval(() => {
    for (const worker of workers()) {
      const number = adaptives.get(worker.name)?.step(performance.now());
      if (number === undefined) continue;
      const isRaised = number > worker.concurrency;
      worker.concurrency = number;
      if (isRaised && !isStopping()) wake(worker, onError);
    }
  }, stepMs);

  function apply({ name, inForce }: QueueSettings): void {
    const worker = workers().find((one) => one.name === name);
    const own = declared.get(name);
    if (!worker || own === undefined) return;
    worker.concurrency = adapted(name, inForce, concurrencyOf(inForce, own));
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
    noteCall: (queue, call) => adaptives.get(queue)?.note(call, performance.now(), inHand(queue)),
    stop: () => clearInterval(timer),
    refresh: () => {
      if (reading) again = true;
      reading ??= read();
      return reading;
    },
    inForce: () => Object.fromEntries(workers().map((one) => [one.name, one.concurrency])),
  };
}

/**
 * A BullMQ worker that has jobs in progress looks for more only when one of them ends, or when it is
 * resumed. Both calls take effect before they return, so nobody sees it paused.
 */
function wake(worker: Worker, onError: (error: unknown) => void): void {
  if (!worker.isRunning() || worker.isPaused()) return;
  Promise.all([worker.pause(true), worker.resume()]).catch(onError);
}
