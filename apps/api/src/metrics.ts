import type { DispatchEvent } from "@ilgam/queue";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** What the process counts, for `/metrics`. */
export type Metrics = {
  /** The text of `/metrics`, and its Content-Type. */
  read(): Promise<{ text: string; contentType: string }>;
  request(labels: { method: string; route: string; status: number }, seconds: number): void;
  /** One flush of a micro-batch. */
  flush(verb: string, items: number): void;
  dispatch(event: DispatchEvent): void;
};

/** Counters of its own for each app, so that two in one process do not mix. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "ilgam_http_request_seconds",
    help: "Time to answer a request, by route",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const flushes = new Histogram({
    name: "ilgam_micro_batch_items",
    help: "Writes that shared one statement, by verb",
    labelNames: ["verb"],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers,
  });
  const dispatched = new Counter({
    name: "ilgam_dispatch_jobs_total",
    help: "Jobs put into Redis; the sweeper repairs those that failed",
    labelNames: ["outcome"],
    registers,
  });
  const redisErrors = new Counter({
    name: "ilgam_redis_errors_total",
    help: "Errors of the connection to Redis; none of them loses a job",
    registers,
  });
  return {
    read: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
    request: ({ method, route, status }, seconds) => {
      requests.labels(method, route, String(status)).observe(seconds);
    },
    flush: (verb, items) => flushes.labels(verb).observe(items),
    dispatch: (event) => {
      if (event.type === "redis_error") redisErrors.inc();
      else dispatched.labels(event.type).inc(event.jobs);
    },
  };
}
