import type { PoolUsage } from "@ilgam/db";
import type { DispatchEvent } from "@ilgam/queue";
import { Counter, Gauge, Histogram } from "prom-client";
import type { Scrape } from "./scrape.ts";

/** What API and workers have in common: micro-batches, the dispatcher, Redis, the pool. */
export type EngineMetrics = {
  /** One flush of a micro-batch. */
  flush(verb: string, items: number): void;
  dispatch(event: DispatchEvent): void;
  /** From now on the use of this pool is read with each scrape. */
  watchPool(usage: () => PoolUsage): void;
};

/** The engine's numbers of one process. */
export function createEngineMetrics(scrape: Scrape): EngineMetrics {
  const { registers } = scrape;
  const flushes = new Histogram({
    name: "ilgam_micro_batch_items",
    help: "Writes that shared one statement, by verb",
    labelNames: ["verb"],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers,
  });
  const dispatched = new Counter({
    name: "ilgam_dispatch_jobs_total",
    help: "Jobs put into Redis (announced) or not (announce_failed): the sweeper repairs these",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["announced", "announce_failed"]) dispatched.labels(outcome).inc(0);
  const redisErrors = new Counter({
    name: "ilgam_redis_errors_total",
    help: "Errors of the connection to Redis; none of them loses a job",
    registers,
  });
  return {
    flush: (verb, items) => flushes.labels(verb).observe(items),
    dispatch: (event) => {
      if (event.type === "redis_error") redisErrors.inc();
      else dispatched.labels(event.type).inc(event.jobs);
    },
    watchPool: (usage) => watchPool(scrape, usage),
  };
}

function watchPool(scrape: Scrape, usage: () => PoolUsage): void {
  const { registers } = scrape;
  const connections = new Gauge({
    name: "ilgam_postgres_connections",
    help: "Connections of this process to Postgres, by state",
    labelNames: ["state"],
    registers,
  });
  const size = new Gauge({
    name: "ilgam_postgres_connections_max",
    help: "Connections that this process may open",
    registers,
  });
  const waiting = new Gauge({
    name: "ilgam_postgres_waiting",
    help: "Statements that wait for a connection",
    registers,
  });
  scrape.before(async () => {
    const now = usage();
    connections.labels("used").set(now.used);
    connections.labels("idle").set(now.idle);
    size.set(now.size);
    waiting.set(now.waiting);
  });
}
