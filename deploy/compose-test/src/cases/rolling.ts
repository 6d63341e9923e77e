import { waitFor } from "@ilgam/testing";
import type { Image } from "../build-images.ts";
import { attemptsOf, endsOf } from "../job-ends.ts";
import { judge } from "../judge.ts";
import type { CaseReport } from "../report.ts";
import { runCommand } from "../run-command.ts";
import type { Stack } from "../stack.ts";
import { startLoad } from "../steady-load.ts";

/** From `before` to `after`, which brings a migration, and back again, under 20 requests a second. */
export async function rollVersions(
  stack: Stack,
  { before, after }: { before: Image; after: Image },
): Promise<CaseReport> {
  await stack.up({ api: 2, worker: 2 });
  await stack.slowCalls(50);
  const load = startLoad(() => stack.api, { perSecond: 20, reads: true });
  const seen = watchVersions(stack);
  await seen.until([before.version]);

  await roll(stack, after.tag);
  await seen.until([after.version]);
  const apiAfter = await stack.api.version();
  const migrated = await isMigrated(stack, after);
  const requestsForward = load.requests();

  await roll(stack, before.tag);
  await seen.until([before.version]);
  const apiBack = await stack.api.version();
  const versions = await seen.stop();

  await load.stop();
  await stack.slowCalls(0);
  const ends = await endsOf(stack, load.accepted);
  const lost = (await attemptsOf(stack))("lost").count;
  return judge({
    accepted: load.accepted,
    ends,
    load,
    notes: [
      `${requestsForward} requests while rolling forward, ${load.requests() - requestsForward} back`,
      `versions of the workers: ${versions.join(" → ")}`,
      ...load.failures.slice(0, 5),
    ],
    claims: {
      "the API was of the new version, then of the old one":
        apiAfter === after.version && apiBack === before.version,
      "the migration was applied": migrated,
      "workers of both versions worked at once":
        versions.filter((entry) => entry.includes("+")).length >= 2,
      "no request failed": load.failures.length === 0,
      "no job was lost with a worker": lost === 0,
      "no attempt was used up": ends.moreThanOneAttempt === 0,
    },
  });
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
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      const workers = await stack.api.workers();
      const now = [...new Set(workers.map((worker) => worker.version))].sort().join("+");
      if (now !== history.at(-1)) history.push(now);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  // A failure is thrown by `stop`, which awaits the same promise.
  watching.catch(() => undefined);
  return {
    /** Waits until the living workers are of `versions` only. */
    until: (versions: string[]) =>
      waitFor(() => history.at(-1) === versions.join("+"), {
        what: `workers of ${versions.join(" and ")} only`,
        timeoutMs: 60_000,
      }),
    stop: async () => {
      ended = true;
      await watching;
      return history;
    },
  };
}
