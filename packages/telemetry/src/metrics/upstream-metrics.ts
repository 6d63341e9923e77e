import { currentJob } from "@ilgam/queue";
import type { OnCall } from "@ilgam/upstream";
import { Counter, Histogram } from "prom-client";
import type { Scrape } from "./scrape.ts";

/** Counts outbound calls, by the kind of the job that makes them. */
export function createUpstreamMetrics({ registers }: Scrape): OnCall {
  const calls = new Counter({
    name: "ilgam_upstream_calls_total",
    help: "Outbound calls; status is empty when no answer came",
    labelNames: ["service", "operation", "kind", "outcome", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "ilgam_upstream_call_seconds",
    help: "Time of an outbound call, without the wait for the pace",
    labelNames: ["service", "operation", "outcome"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  return ({ service, operation, outcome, status, ms }) => {
    const kind = currentJob()?.kind ?? "";
    calls.labels(service, operation, kind, outcome, status ? String(status) : "").inc();
    seconds.labels(service, operation, outcome).observe(ms / 1_000);
  };
}
