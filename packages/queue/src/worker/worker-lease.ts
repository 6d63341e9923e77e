import { hostname } from "node:os";
import type { Database } from "@ilgam/db";
import type { Executor } from "../execution/executor.ts";
import type { OwnConcurrency } from "../settings/own-concurrency.ts";
import { keepLease, type LeaseKeeper } from "./lease-keeper.ts";
import type { WorkerEvent } from "./worker-options.ts";

/**
 * The process's lease, whose beat tells how the process stands. When it is lost every job in progress is
 * aborted: others may have them.
 */
export async function keepWorkerLease(parts: {
  db: Database;
  leaseMs: number;
  version: string;
  queues: string[];
  executor: Executor;
  own: Pick<OwnConcurrency, "refresh" | "inForce">;
  isConsuming: () => Promise<boolean>;
  isStopping: () => boolean;
  emit: (event: WorkerEvent) => void;
}): Promise<LeaseKeeper & { consuming(): boolean }> {
  const { db, leaseMs, version, queues, executor, own, isStopping, emit } = parts;
  let consuming = false;
  const lease = await keepLease({
    ...{ db, leaseMs, version, queues, host: hostname() },
    pulse: async () => {
      void own.refresh();
      consuming = await parts.isConsuming();
      const [inHand, concurrency] = [executor.inHand(), own.inForce()];
      return { consuming, inHand, draining: isStopping(), concurrency };
    },
    onLost: () => {
      emit({ type: "lease_lost", inHand: executor.inHand() });
      executor.abortAll("lease_lost");
    },
    onCancelRequested: (id) => executor.abort(id, "cancelled"),
    onError: (error) => emit({ type: "lease_error", error }),
  });
  return { ...lease, consuming: () => consuming && !isStopping() };
}
