import { checkNow, type Database, type DispatchableJob, MicroBatcher } from "@ilgam/db";
import type { Queue } from "bullmq";
import { bullIdOf, bullPriority } from "./bull-names.ts";
import type { DispatchEvent } from "./dispatch-event.ts";

/** Jobs due later than this stay in Postgres until the sweeper brings them. */
const mirrorAheadMs = 60_000;
/** For adds that are under way when the dispatcher closes. */
const lastAddsMs = 1_000;

export type AddJobs = {
  /** Puts jobs into Redis and waits. @throws when Redis is away */
  add(jobs: DispatchableJob[]): Promise<void>;
  /** The same in the background, in micro-batches; never throws. */
  announce(jobs: DispatchableJob[]): void;
  /** Waits a moment for what is under way. */
  close(): Promise<void>;
};

/** The ways of jobs into Redis. What Redis does not take is marked in Postgres for the sweeper. */
export function createAddJobs(options: {
  db: Pick<Database, "sql">;
  queueOf: (name: string) => Queue;
  /** Subtracted from virtual starts to give BullMQ's priorities. */
  epochOf: (queue: string) => Promise<number>;
  onAdded: (queue: string, jobs: number) => void;
  emit: (event: DispatchEvent) => void;
}): AddJobs {
  const { db, queueOf, epochOf, onAdded, emit } = options;

  async function add(jobs: DispatchableJob[]): Promise<void> {
    const near = jobs.filter((job) => job.delayMs <= mirrorAheadMs);
    const names = new Set(near.map((job) => job.queue));
    // Beside each other: in a Cluster one's master may be away, which is no reason for the others.
    const results = await Promise.allSettled(
      [...names].map((name) =>
        addTo(
          name,
          near.filter((job) => job.queue === name),
        ),
      ),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  async function addTo(name: string, jobs: DispatchableJob[]): Promise<void> {
    const epoch = await epochOf(name);
    await queueOf(name).addBulk(jobs.map((job) => bullJobOf(job, epoch)));
    onAdded(name, jobs.length);
  }

  const adds = new MicroBatcher<DispatchableJob, undefined>({
    maxRows: 500,
    maxWaiting: 50_000,
    flush: async (jobs) => {
      await add(jobs);
      emit({ type: "announced", jobs: jobs.length });
      return jobs.map(() => undefined);
    },
  });

  const underWay = new Set<Promise<void>>();
  async function announceAll(jobs: DispatchableJob[]): Promise<void> {
    const results = await Promise.allSettled(jobs.map((job) => adds.add(job)));
    const failed = jobs.filter((_, index) => results[index]?.status === "rejected");
    if (failed.length === 0) return;
    const reason = results.find((result) => result.status === "rejected")?.reason;
    emit({ type: "announce_failed", jobs: failed.length, error: reason as Error });
    await checkNow(
      db.sql,
      failed.map((job) => job.id),
    );
  }

  return {
    add,
    announce: (jobs) => {
      // Postgres away too: check_at is 5 s after submission anyway.
      const told = announceAll(jobs)
        .catch((error: Error) => emit({ type: "announce_failed", jobs: jobs.length, error }))
        .finally(() => underWay.delete(told));
      underWay.add(told);
    },
    close: async () => {
      // What was given back last should be known at once, not by the sweeper's next look.
      const late = new Promise((resolve) => setTimeout(resolve, lastAddsMs).unref());
      await Promise.race([Promise.allSettled(underWay), late]);
    },
  };
}

function bullJobOf(job: DispatchableJob, priorityEpoch: number) {
  return {
    name: job.queue,
    data: { id: job.id },
    opts: {
      jobId: bullIdOf(job),
      priority: bullPriority(job.virtualStart, priorityEpoch),
      delay: Math.max(0, Math.ceil(job.delayMs)),
      attempts: 1,
    },
  };
}
