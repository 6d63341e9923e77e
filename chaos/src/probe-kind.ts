import { defineJob, GiveUp, TryLater } from "@ilgam/contracts";
import type { JobHandler } from "@ilgam/queue";
import { z } from "zod";

/** A kind that does what its payload says, so that a test can script any course of a job. */
export const probeJob = defineJob({
  kind: "probe",
  summary: "Does what its payload says; for tests only.",
  payload: z.object({
    sleepMs: z.int().min(0).default(0),
    /** Tries that fail before one succeeds. */
    failTimes: z.int().min(0).default(0),
    outcome: z
      .enum(["ok", "give_up", "try_later", "throw", "exit", "ignore_abort", "block", "leak"])
      .default("ok"),
    /** Called before the work, with the job's coordinates: the log of executions. */
    reportUrl: z.string().optional(),
    /** Told to the engine as spent upstream, in each attempt. */
    spend: z.object({ tokens: z.int(), cost: z.number() }).optional(),
    echo: z.unknown().optional(),
  }),
  result: z.object({ attempt: z.int(), epoch: z.int(), echo: z.unknown().optional() }),
  queue: { concurrency: 20 },
  attempts: 3,
  backoff: { baseMs: 200, factor: 1 },
  timeoutMs: 60_000,
  examples: { valid: [{ sleepMs: 1, echo: "hello" }], invalid: [{ sleepMs: -1 }, "text"] },
});

/** The probe under each name of a comma-separated list, a queue each. Default: its own name only. */
export function probeJobs(names = probeJob.kind): (typeof probeJob)[] {
  return names.split(",").map((kind) => ({ ...probeJob, kind }));
}

type Payload = z.infer<typeof probeJob.payload>;

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // A signal that is aborted already tells no listener.
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export const probeHandler: JobHandler<Payload, z.infer<typeof probeJob.result>> = {
  async process({ payload, job, signal, progress, log, spend }) {
    const { id, run, epoch, attempt } = job;
    if (payload.reportUrl) {
      await fetch(payload.reportUrl, {
        method: "POST",
        body: JSON.stringify({ id, run, epoch, attempt, pid: process.pid }),
      });
    }
    if (payload.spend) spend(payload.spend);
    progress(10, "working");
    await log("working", { attempt });
    if (payload.outcome === "leak") throw new Error(`failed with ${JSON.stringify(process.env)}`);
    if (payload.outcome === "exit") process.exit(13);
    if (payload.outcome === "block") block(payload.sleepMs);
    else await sleep(payload.sleepMs, payload.outcome === "ignore_abort" ? undefined : signal);
    if (payload.outcome === "give_up") throw new GiveUp("it can never work");
    if (payload.outcome === "try_later" && epoch <= payload.failTimes) {
      throw new TryLater(100, "the upstream asks to wait");
    }
    if (payload.outcome === "throw" || attempt <= payload.failTimes) {
      throw new Error("secret detail of a failure");
    }
    return { attempt, epoch, echo: payload.echo };
  },
};
