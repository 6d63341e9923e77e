import { waitFor } from "@ilgam/testing";
import { watchDeaths } from "../container-deaths.ts";
import { attemptsOf, endsOf } from "../job-ends.ts";
import { judge } from "../judge.ts";
import type { CaseReport } from "../report.ts";
import type { Stack } from "../stack.ts";
import { startLoad } from "../steady-load.ts";

/** A job takes 6 s, far longer than the workers' grace period of 0.2: a stop gives jobs back. */
const latencyMs = 2_000;

/** One worker, then three, then one, while jobs come in. */
export async function scaleUnderLoad(stack: Stack): Promise<CaseReport> {
  await stack.up({ worker: 1 });
  await stack.slowCalls(latencyMs);
  const deaths = watchDeaths(stack);
  const load = startLoad(stack, { perSecond: 5 });
  const completedBy = async (count: number) =>
    waitFor(async () => (await attemptsOf(stack))("completed").workers >= count, {
      what: `${count} workers to have completed jobs`,
      timeoutMs: 60_000,
      everyMs: 500,
    });

  await completedBy(1);
  await stack.scaleWorkers(3);
  await completedBy(3);
  await waitFor(async () => (await stack.api.workers()).every((worker) => worker.inHand > 0), {
    what: "every worker to have jobs in progress",
  });
  await stack.scaleWorkers(1);
  const releasedByStop = (await attemptsOf(stack))("release").count;
  await moreCompleted(stack);
  await load.stop();
  await stack.slowCalls(0);
  const ends = await endsOf(stack, load.accepted);
  await deaths.stop();

  const stopped = deaths.deaths.filter((death) => death.service === "worker");
  const lost = (await attemptsOf(stack))("lost").count;
  return judge({
    accepted: load.accepted,
    ends,
    failures: load.failures,
    notes: [
      `${stopped.length} workers stopped, exit codes ${stopped.map((death) => death.exitCode).join(", ")}`,
      `${releasedByStop} running jobs given back by the stops, ${lost} lost with a worker`,
      `${ends.moreThanOneAttempt} completed jobs that consumed more than one attempt`,
    ],
    claims: {
      "two workers stopped, each drained with exit code 0":
        stopped.length === 2 && stopped.every((death) => death.exitCode === 0),
      "running jobs were given back when workers stopped": releasedByStop > 0,
      "no job was lost with a worker": lost === 0,
      "no attempt was consumed": ends.moreThanOneAttempt === 0,
      "no request failed": load.failures.length === 0,
    },
  });
}

async function moreCompleted(stack: Stack): Promise<void> {
  const before = (await attemptsOf(stack))("completed").count;
  await waitFor(async () => (await attemptsOf(stack))("completed").count > before, {
    what: "the worker that is left to complete jobs",
    timeoutMs: 30_000,
  });
}
