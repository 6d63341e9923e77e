import { Histogram } from "prom-client";
import { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
import { createScrape, type Scrape } from "./scrape.ts";

/** What an API process counts, for its `/metrics`. */
export type ApiMetrics = Pick<Scrape, "read"> &
  EngineMetrics & {
    request(labels: { method: string; route: string; status: number }, seconds: number): void;
  };

/** The numbers of one API process. */
export function createApiMetrics(version: string): ApiMetrics {
  const scrape = createScrape("api", version);
  const requests = new Histogram({
    name: "ilgam_http_request_seconds",
    help: "Time to answer a request, by route",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: scrape.registers,
  });
  return {
    read: scrape.read,
    ...createEngineMetrics(scrape),
    request: ({ method, route, status }, seconds) => {
      requests.labels(method, route, String(status)).observe(seconds);
    },
  };
}
