import type { SweepReport } from "@ilgam/db";
import type { SweepEvent } from "@ilgam/queue";
import { Counter, Gauge } from "prom-client";
import type { JobChanges } from "./job-changes.ts";
import type { Scrape } from "./scrape.ts";

/** What the sweeper of this process found and put right. */
export function createSweepMetrics(
  { registers }: Scrape,
  changes: Pick<JobChanges, "ended">,
): (event: SweepEvent) => void {
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const holder = new Gauge({
    name: "ilgam_sweeper_holder",
    help: "1 in the process that sweeps, 0 in those that stand by",
    registers,
  });
  const leases = counter(
    "ilgam_lease_expiries_total",
    "Workers whose lease ran out: killed, frozen or cut off from Postgres",
  );
  const redispatched = counter("ilgam_redispatched_jobs_total", "Jobs that Redis had lost");
  const resets = counter("ilgam_redis_resets_total", "Redis was found wiped or restarted");
  const failures = counter("ilgam_sweep_failures_total", "Sweeps that failed; the next goes on");
  const lost = new Counter({
    name: "ilgam_jobs_lost_total",
    help: "Jobs taken back from dead workers: queued again, or failed as poison",
    labelNames: ["kind", "queue", "outcome"],
    registers,
  });

  function swept(report: SweepReport): void {
    holder.set(1);
    leases.inc(report.dead.length);
    for (const job of report.lost) {
      const ending = job.status === "failed" ? "poison" : job.status;
      lost.labels(job.kind, job.queue, ending).inc();
      if (ending === "poison" || ending === "cancelled") changes.ended(job, ending);
    }
    for (const job of report.expired) changes.ended(job, "expired");
  }

  return (event) => {
    switch (event.type) {
      case "swept":
        return swept(event.report);
      case "sweep_stood_by":
        return holder.set(0);
      case "batches_finished":
        return;
      case "redis_reset":
        return event.rechecked > 0 ? resets.inc() : undefined;
      case "redispatched":
        return redispatched.inc(event.jobs);
      case "sweep_failed":
        return failures.inc();
    }
  };
}
