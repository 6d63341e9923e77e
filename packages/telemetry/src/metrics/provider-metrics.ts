import type { HealthEvent } from "@ilgam/upstream";
import { Counter } from "prom-client";
import type { Scrape } from "./scrape.ts";

/** Counts what becomes of the services that jobs call, as the process sees it that finds out. */
export function createProviderMetrics({ registers }: Scrape): (event: HealthEvent) => void {
  const changes = new Counter({
    name: "ilgam_provider_changes_total",
    help: "Changes of a provider's state, by the new one",
    labelNames: ["provider", "state"],
    registers,
  });
  const probes = new Counter({
    name: "ilgam_provider_probes_total",
    help: "Calls that looked whether a provider is back",
    labelNames: ["provider", "outcome"],
    registers,
  });
  return (event) => {
    if (event.type === "provider_state") changes.labels(event.key, event.health.state).inc();
    else probes.labels(event.key, event.succeeded ? "ok" : "error").inc();
  };
}
