import { waitFor } from "@ilgam/testing";
import { z } from "zod";
import { attemptsOf, endsOf } from "../job-ends.ts";
import { judge } from "../judge.ts";
import type { CaseReport } from "../report.ts";
import { runCommand } from "../run-command.ts";
import type { Stack } from "../stack.ts";
import { type Load, startLoad } from "../steady-load.ts";

/** A worker killed, then Redis and Postgres restarted, while jobs come in and run. */
export async function killAndRestart(stack: Stack): Promise<CaseReport> {
  await stack.up({ worker: 3 });
  await stack.slowCalls(300);
  const load = startLoad(() => stack.api, { perSecond: 5 });

  await killWorker(stack);
  await waitFor(async () => (await attemptsOf(stack))("lost").count > 0, {
    what: "the killed worker's jobs to be taken back",
    timeoutMs: 30_000,
    everyMs: 250,
  });
  const lost = (await attemptsOf(stack))("lost").count;
  const failedAtKill = load.failures.length;

  const redisChanged = await restart(stack, "redis", () => redisRun(stack));
  await moreAccepted(load);
  const failedAtRedis = load.failures.length - failedAtKill;

  const postgresChanged = await restart(stack, "postgres", () => postgresStart(stack));
  await moreAccepted(load);
  const failedAtPostgres = load.failures.length - failedAtRedis - failedAtKill;

  await load.stop();
  await stack.slowCalls(0);
  const ends = await endsOf(stack, load.accepted);
  return judge({
    accepted: load.accepted,
    ends,
    load,
    notes: [
      `worker killed by SIGKILL with ${lost} jobs in hand: all taken back from it`,
      `redis restarted: ${failedAtRedis} requests failed`,
      `postgres restarted: ${failedAtPostgres} requests refused meanwhile, as they must be`,
      `${ends.moreThanOneAttempt} completed jobs that used up more than one attempt`,
    ],
    claims: {
      "the killed worker had jobs in hand": lost > 0,
      "redis is another process than before": redisChanged,
      "postgres is another process than before": postgresChanged,
      "no request failed while a worker died or redis was away":
        failedAtKill === 0 && failedAtRedis === 0,
      "no attempt was used up": ends.moreThanOneAttempt === 0,
    },
  });
}

/** SIGKILL to the container of a worker that has jobs in hand. */
async function killWorker(stack: Stack): Promise<void> {
  const busy = await waitFor(
    async () => (await stack.api.workers()).find((worker) => worker.inHand > 0),
    { what: "a worker with jobs in hand", timeoutMs: 30_000 },
  );
  // A container's host name is the beginning of its id.
  const ids = await stack.project.containersOf("worker");
  const victim = ids.find((id) => id.startsWith(busy.host));
  if (!victim) throw new Error(`no container of this project is ${busy.host}`);
  await runCommand(["docker", "kill", "-s", "KILL", victim]);
}

async function restart(stack: Stack, service: string, identity: () => Promise<string>) {
  const before = await identity();
  await stack.project.compose(["restart", service]);
  const after = await waitFor(identity, { what: `${service} to answer`, timeoutMs: 60_000 });
  return before !== after;
}

async function redisRun(stack: Stack): Promise<string> {
  const info = await stack.project.exec("redis", ["redis-cli", "-e", "info", "server"]);
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
}

async function postgresStart(stack: Stack): Promise<string> {
  const [row] = await stack.query("SELECT pg_postmaster_start_time() AS at");
  return z.object({ at: z.string() }).parse(row).at;
}

/** Until jobs are accepted again. */
async function moreAccepted(load: Load): Promise<void> {
  const before = load.accepted.length;
  await waitFor(() => load.accepted.length > before + 10, {
    what: "jobs to be accepted again",
    timeoutMs: 60_000,
  });
}
