import type { RunningWorkers, WorkerEvent } from "@ilgam/queue";
import type { HealthEvent, OnCall } from "@ilgam/upstream";
import { Counter, Gauge } from "prom-client";
import { createAttemptMetrics } from "./attempt-metrics.ts";
import { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
import { createJobChanges } from "./job-changes.ts";
import { createProviderMetrics } from "./provider-metrics.ts";
import { createScrape, type Scrape } from "./scrape.ts";
import { createSweepMetrics } from "./sweep-metrics.ts";
import { createUpstreamMetrics } from "./upstream-metrics.ts";

/** What a worker process counts, for its `/metrics`. */
export type WorkerMetrics = Pick<Scrape, "read"> &
  Pick<EngineMetrics, "flush" | "watchPool"> & {
    event(event: WorkerEvent): void;
    onCall: OnCall;
    onHealth(event: HealthEvent): void;
    /** The kinds that this process runs: their numbers begin with 0. */
    expect(kinds: readonly string[]): void;
    /** From now on each scrape asks them what they have in progress and whether they take jobs. */
    watchWorkers(workers: Pick<RunningWorkers, "inHand" | "health">): void;
  };

/** The numbers of one worker process. */
export function createWorkerMetrics(version: string): WorkerMetrics {
  const scrape = createScrape("worker", version);
  const engine = createEngineMetrics(scrape);
  const changes = createJobChanges(scrape);
  const attempts = createAttemptMetrics(scrape, changes);
  const sweep = createSweepMetrics(scrape, changes);
  const trouble = createTroubleCounter(scrape);
  return {
    read: scrape.read,
    flush: engine.flush,
    watchPool: engine.watchPool,
    onCall: createUpstreamMetrics(scrape),
    onHealth: createProviderMetrics(scrape),
    expect: (kinds) => {
      changes.expect(kinds);
      attempts.expect(kinds);
    },
    watchWorkers: (workers) => watchWorkers(scrape, workers),
    event: (event) => {
      switch (event.type) {
        case "submitted":
          return changes.submitted(event);
        case "claimed":
          return attempts.claimed(event.job);
        case "delivery":
          return attempts.delivered(event.delivery);
        case "announced":
        case "announce_failed":
        case "redis_error":
          return engine.dispatch(event);
        case "swept":
        case "sweep_stood_by":
        case "batches_finished":
        case "redis_reset":
        case "redispatched":
        case "sweep_failed":
          return sweep(event);
        case "handler_error":
        case "handler_ignored_abort":
        case "lease_lost":
        case "lease_error":
        case "settings_unread":
        case "lock_renewal_failed":
        case "recurring_failed":
        case "schedule_refused":
        case "warning":
          return trouble(event.type);
      }
    },
  };
}

function createTroubleCounter({ registers }: Scrape): (type: string) => void {
  const trouble = new Counter({
    name: "ilgam_worker_trouble_total",
    help: "What went wrong in the process and was outlived, by what it was",
    labelNames: ["type"],
    registers,
  });
  return (type) => trouble.labels(type).inc();
}

function watchWorkers(scrape: Scrape, workers: Pick<RunningWorkers, "inHand" | "health">): void {
  const { registers } = scrape;
  const inHand = new Gauge({
    name: "ilgam_worker_jobs_in_hand",
    help: "Jobs that this process runs at this moment",
    registers,
  });
  const consuming = new Gauge({
    name: "ilgam_worker_consuming",
    help: "1 while this process takes jobs, as its /readyz says",
    registers,
  });
  scrape.before(async () => {
    inHand.set(workers.inHand());
    consuming.set(Object.values(workers.health()).every(Boolean) ? 1 : 0);
  });
}
