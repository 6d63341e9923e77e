import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@ilgam/testing";
import type { Image } from "../build-images.ts";
import { attemptsOf, endsOf } from "../job-ends.ts";
import { judge } from "../judge.ts";
import type { CaseReport } from "../report.ts";
import { runCommand } from "../run-command.ts";
import type { Stack } from "../stack.ts";
import { type Load, startLoad } from "../steady-load.ts";

/** From `before` to `after`, which brings a migration, and back again, under 20 requests a second. */
export async function rollVersions(
  stack: Stack,
  { before, after }: { before: Image; after: Image },
): Promise<CaseReport> {
  await stack.up({ api: 2, worker: 2 });
  await stack.slowCalls(50);
  const load = startLoad(stack, { perSecond: 20, reads: true });
  const seen = watchVersions(stack);
  await seen.until(before.version);
  // What fails here fails for another reason: a machine that is too busy, most likely.
  const requestsBefore = await moreRequests(load, 200);

  await roll(stack, after.tag);
  await seen.until(after.version);
  const migrated = await isMigrated(stack, after);
  const apiVersions = [await stack.api.version()];
  const requestsForward = load.requests();

  await roll(stack, before.tag);
  await seen.until(before.version);
  apiVersions.push(await stack.api.version());
  const versions = await seen.stop();

  await load.stop();
  await stack.slowCalls(0);
  const ends = await endsOf(stack, load.accepted);
  const failures = [...load.failures, ...seen.failures];
  const { count: lost } = (await attemptsOf(stack))("lost");
  return judge({
    accepted: load.accepted,
    ends,
    failures,
    notes: [
      `${requestsBefore.made} requests before anything was rolled, ${requestsBefore.failed} failed`,
      `${requestsForward - requestsBefore.made} requests while rolling forward, ${load.requests() - requestsForward} back`,
      `versions of the workers: ${versions.join(" → ")}`,
      ...failures.slice(0, 5),
    ],
    claims: {
      "the API was of the new version, then of the old one":
        apiVersions.join() === `${after.version},${before.version}`,
      "the migration was applied": migrated,
      "workers of both versions worked at once":
        versions.filter((entry) => entry.includes("+")).length >= 2,
      "no request failed": failures.length === 0,
      "no job was lost with a worker": lost === 0,
      "no attempt was consumed": ends.moreThanOneAttempt === 0,
    },
  });
}

async function moreRequests(load: Load, count: number): Promise<{ made: number; failed: number }> {
  await waitFor(() => load.requests() >= count, {
    what: `${count} requests`,
    timeoutMs: 60_000,
  });
  return { made: load.requests(), failed: load.failures.length };
}

/** What an operator does: the version in the env file, then deploy/roll.sh. */
async function roll(stack: Stack, tag: string): Promise<void> {
  await stack.project.set({ ILGAM_VERSION: tag });
  await runCommand(["deploy/roll.sh", ...stack.project.given]);
}

async function isMigrated(stack: Stack, image: Image): Promise<boolean> {
  const rows = await stack.query(
    `SELECT 1 FROM _prisma_migrations WHERE migration_name = '${image.migration ?? ""}'`,
  );
  return rows.length === 1;
}

/** Notes which versions the living workers have, each time that changes. */
function watchVersions(stack: Stack) {
  const history: string[] = [];
  const failures: string[] = [];
  let ended = false;
  const look = async () => {
    const workers = await stack.api.workers();
    const now = [...new Set(workers.map((worker) => worker.version))].sort().join("+");
    if (now !== history.at(-1)) history.push(now);
  };
  const watching = (async () => {
    while (!ended && !stack.over.aborted) {
      await look().catch((error: unknown) => failures.push(String(error)));
      await delay(200);
    }
  })();
  return {
    failures,
    /** Waits until the living workers are of `version` only. */
    until: (version: string) =>
      waitFor(() => history.at(-1) === version, {
        what: `workers of ${version} only, not ${history.at(-1)}`,
        timeoutMs: 60_000,
      }),
    stop: async () => {
      ended = true;
      await watching;
      return history;
    },
  };
}
