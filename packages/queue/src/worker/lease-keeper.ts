import {
  cancelRequestsOf,
  type Database,
  enterWorker,
  leaveWorker,
  newId,
  renewLease,
  type WorkerPulse,
} from "@ilgam/db";

export type LeaseKeeperOptions = {
  db: Database;
  leaseMs: number;
  host: string;
  version: string;
  queues: string[];
  /** What the process has in progress and whether it takes jobs, at each tick. */
  pulse: () => Promise<Omit<WorkerPulse, "workerId" | "leaseMs" | "memoryBytes">>;
  /** The lease was lost for good: everything in progress belongs to others now. */
  onLost: () => void;
  onCancelRequested: (jobId: string) => void;
  onError: (error: unknown) => void;
};

export type LeaseKeeper = {
  /** Of the present lease; changes when a lease is lost. */
  workerId(): string;
  /** False when it could not be renewed in time, by this process's clock. */
  alive(): boolean;
  /** Renews now, so that a changed pulse shows at once. */
  beat(): Promise<void>;
  /** Ends the lease; nothing may be in progress any more. */
  stop(): Promise<void>;
};

/** Enters the process as a worker and keeps its lease: one UPDATE every third of the lease. */
export async function keepLease(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
  const { db, leaseMs } = options;
  let renewedAt = performance.now();
  let workerId = await enter();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<void> = Promise.resolve();

  async function enter(): Promise<string> {
    const id = newId();
    const { host, version, queues } = options;
    // Before it is asked for: Postgres counts from later.
    renewedAt = performance.now();
    await enterWorker(db.sql, { workerId: id, host, pid: process.pid, version, queues }, leaseMs);
    return id;
  }

  async function tick(): Promise<number> {
    try {
      const pulse = await options.pulse();
      const memoryBytes = process.memoryUsage.rss();
      const askedAt = performance.now();
      if (await renewLease(db.sql, { ...pulse, workerId, leaseMs, memoryBytes })) {
        renewedAt = askedAt;
      } else {
        options.onLost();
        workerId = await enter();
        // Once more: what was claimed meanwhile was claimed under the dead id.
        options.onLost();
      }
      for (const id of await cancelRequestsOf(db.sql, workerId)) options.onCancelRequested(id);
      return leaseMs / 3;
    } catch (error) {
      options.onError(error);
      return Math.min(500, leaseMs / 6);
    }
  }

  function schedule(afterMs: number): void {
    timer = setTimeout(() => {
      ticking = tick().then((nextMs) => {
        if (!stopped) schedule(nextMs);
      });
    }, afterMs);
  }
  schedule(leaseMs / 3);

  return {
    workerId: () => workerId,
    alive: () => performance.now() - renewedAt < leaseMs,
    beat: async () => {
      await tick();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await ticking;
      // Postgres away: the lease runs out by itself.
      await leaveWorker(db.sql, workerId).catch(options.onError);
    },
  };
}
