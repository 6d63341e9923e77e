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
  const load = startLoad(stack, { perSecond: 10 });

  await killWorker(stack);
  const lost = (await attemptsOf(stack))("lost").count;
  const failedAtKill = load.failures.length;

  const redis = await restart(stack, "redis", {
    identity: () => redisRun(stack),
    whileAway: () => moreAccepted(load, 20),
  });
  await moreAccepted(load, 20);
  const failedAtRedis = load.failures.length - failedAtKill;

  const postgres = await restart(stack, "postgres", {
    identity: () => postgresStart(stack),
    whileAway: () => moreRefused(load, 20),
  });
  await moreAccepted(load, 20);
  const failedAtPostgres = load.failures.length - failedAtRedis - failedAtKill;
  const otherThan503 = load.failures.filter((failure) => !failure.includes(": 503 "));

  await load.stop();
  await stack.slowCalls(0);
  const ends = await endsOf(stack, load.accepted);
  return judge({
    accepted: load.accepted,
    ends,
    failures: load.failures,
    notes: [
      `worker killed by SIGKILL with ${lost} jobs in progress: all taken back from it`,
      `redis restarted: ${redis.meanwhile} jobs accepted while it was away`,
      `postgres restarted: ${failedAtPostgres} requests refused while it was away, as they must be`,
      ...otherThan503.slice(0, 5),
      `${ends.moreThanOneAttempt} completed jobs that consumed more than one attempt`,
    ],
    claims: {
      "the killed worker had jobs in progress": lost > 0,
      "redis is another process than before": redis.isAnother,
      "postgres is another process than before": postgres.isAnother,
      "no request failed while a worker died or redis was away":
        failedAtKill === 0 && failedAtRedis === 0,
      "each refusal while postgres was away was a 503": otherThan503.length === 0,
      "no attempt was consumed": ends.moreThanOneAttempt === 0,
    },
  });
}

/** SIGKILL to the container of a worker that has jobs in progress, until they are taken back from it. */
async function killWorker(stack: Stack): Promise<void> {
  const busy = await waitFor(
    async () => (await stack.api.workers()).find((worker) => worker.inHand > 0),
    { what: "a worker with jobs in progress", timeoutMs: 30_000 },
  );
  // A container's host name is the beginning of its id.
  const ids = await stack.project.containersOf("worker");
  const victim = ids.find((id) => id.startsWith(busy.host));
  if (!victim) throw new Error(`no container of this project is ${busy.host}`);
  await runCommand(["docker", "kill", "-s", "KILL", victim]);
  await waitFor(async () => (await attemptsOf(stack))("lost").count > 0, {
    what: "the killed worker's jobs to be taken back",
    timeoutMs: 30_000,
    everyMs: 250,
  });
}

/**
 * Stops the service, and starts it after `whileAway`.
 * @returns whether it is another process than before, and what `whileAway` answered.
 */
async function restart(
  stack: Stack,
  service: string,
  { identity, whileAway }: { identity: () => Promise<string>; whileAway: () => Promise<number> },
): Promise<{ isAnother: boolean; meanwhile: number }> {
  const before = await identity();
  await stack.project.compose(["stop", service]);
  const meanwhile = await whileAway();
  await stack.project.compose(["start", service]);
  const after = await waitFor(identity, { what: `${service} to answer`, timeoutMs: 60_000 });
  return { isAnother: before !== after, meanwhile };
}

async function redisRun(stack: Stack): Promise<string> {
  const info = await stack.project.exec("redis", ["redis-cli", "-e", "info", "server"]);
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
}

async function postgresStart(stack: Stack): Promise<string> {
  const [row] = await stack.query("SELECT pg_postmaster_start_time() AS at");
  return z.object({ at: z.string() }).parse(row).at;
}

/** Waits until `count` more jobs have been accepted; returns how many it were. */
async function moreAccepted({ accepted }: Load, count: number): Promise<number> {
  const before = accepted.length;
  await waitFor(() => accepted.length >= before + count, {
    what: "more jobs to be accepted",
    timeoutMs: 60_000,
  });
  return accepted.length - before;
}

async function moreRefused({ failures }: Load, count: number): Promise<number> {
  const before = failures.length;
  await waitFor(() => failures.length >= before + count, {
    what: "requests to be refused",
    timeoutMs: 60_000,
  });
  return failures.length - before;
}
