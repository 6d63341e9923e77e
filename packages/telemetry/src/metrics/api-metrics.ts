import { Histogram } from "prom-client";
import type { ApiEvent } from "../api-event.ts";
import { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
import { createJobChanges } from "./job-changes.ts";
import { createScrape, type Scrape } from "./scrape.ts";
import { type Standing, watchStanding } from "./standing-metrics.ts";

/** What an API process counts, for its `/metrics`. */
export type ApiMetrics = Pick<Scrape, "read"> &
  Pick<EngineMetrics, "flush" | "watchPool"> & {
    event(event: ApiEvent): void;
    request(labels: { method: string; route: string; status: number }, seconds: number): void;
    /** From now on each scrape tells how the whole installation stands, as these say. */
    watchStanding(standing: Standing): void;
  };

/** The numbers of one API process, which come with those of the whole installation. */
export function createApiMetrics(version: string): ApiMetrics {
  const scrape = createScrape("api", version);
  const engine = createEngineMetrics(scrape);
  const changes = createJobChanges(scrape);
  const requests = new Histogram({
    name: "ilgam_http_request_seconds",
    help: "Time to answer a request, by route",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: scrape.registers,
  });
  return {
    read: scrape.read,
    flush: engine.flush,
    watchPool: engine.watchPool,
    watchStanding: (standing) => watchStanding(scrape, standing),
    request: ({ method, route, status }, seconds) => {
      requests.labels(method, route, String(status)).observe(seconds);
    },
    event: (event) => {
      switch (event.type) {
        case "submitted":
          return changes.submitted(event);
        case "cancelled":
          // One that runs is counted by its worker, when it has ended.
          for (const job of event.jobs) {
            if (job.status === "cancelled") changes.ended(job, "cancelled");
          }
          return;
        case "retried":
        case "batches_finished":
          return;
        case "announced":
        case "announce_failed":
        case "redis_error":
          return engine.dispatch(event);
      }
    },
  };
}
