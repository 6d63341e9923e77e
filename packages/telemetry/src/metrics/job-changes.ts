import type { SubmitEvent } from "@ilgam/queue";
import { Counter } from "prom-client";
import type { Scrape } from "./scrape.ts";

/** How a job ended. `expired` and `poison` are failures too. */
export type JobEnding = "completed" | "failed" | "cancelled" | "expired" | "poison";

const endings: readonly JobEnding[] = ["completed", "failed", "cancelled", "expired", "poison"];

/** Jobs that came and jobs that ended, counted by the process that wrote it. */
export type JobChanges = {
  submitted(event: SubmitEvent): void;
  ended(job: { kind: string; queue: string }, ending: JobEnding): void;
  /** Zeroes for these kinds, so that the first is an increase. */
  expect(kinds: readonly string[]): void;
};

export function createJobChanges({ registers }: Scrape): JobChanges {
  const submitted = new Counter({
    name: "ilgam_jobs_submitted_total",
    help: "Jobs accepted, stored and queued",
    labelNames: ["kind", "queue"],
    registers,
  });
  const finished = new Counter({
    name: "ilgam_jobs_finished_total",
    help: "Jobs that reached an end",
    labelNames: ["kind", "queue", "outcome"],
    registers,
  });
  return {
    // A kind's jobs stand in the queue of its name.
    submitted: ({ kind, ids }) => submitted.labels(kind, kind).inc(ids.length),
    ended: ({ kind, queue }, ending) => finished.labels(kind, queue, ending).inc(),
    expect: (kinds) => {
      for (const kind of kinds) {
        submitted.labels(kind, kind).inc(0);
        for (const ending of endings) finished.labels(kind, kind, ending).inc(0);
      }
    },
  };
}
