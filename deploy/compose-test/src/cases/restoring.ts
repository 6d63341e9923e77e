import { stat } from "node:fs/promises";
import path from "node:path";
import { waitFor } from "@ilgam/testing";
import { z } from "zod";
import { attemptsOf, endsOf } from "../job-ends.ts";
import { judge } from "../judge.ts";
import type { CaseReport } from "../report.ts";
import type { Stack } from "../stack.ts";
import { startLoad } from "../steady-load.ts";

const States = z.array(z.object({ status: z.string(), count: z.int() }));

/** Postgres dumped while jobs run, everything thrown away, the dump put into an empty stack. */
export async function restoreDump(stack: Stack, directory: string): Promise<CaseReport> {
  const dump = path.join(directory, "ilgam.dump");
  await stack.up({ worker: 2 });
  await stack.slowCalls(300);
  const load = startLoad(stack, { perSecond: 20 });
  await waitFor(async () => (await attemptsOf(stack))("completed").count >= 50, {
    what: "some jobs to be completed",
    timeoutMs: 60_000,
  });

  const accepted = [...load.accepted];
  await stack.project.exec("postgres", ["pg_dump", "-U", "ilgam", "-d", "ilgam", "-Fc"], {
    stdoutFile: dump,
  });
  const acceptedLater = load.accepted.length - accepted.length;
  await load.stop();
  await stack.project.remove();

  await restoreInto(stack, dump);
  const states = States.parse(
    await stack.query("SELECT status, count(*) AS count FROM jobs GROUP BY status ORDER BY status"),
  );
  const open = (status: string) => states.find((state) => state.status === status)?.count ?? 0;
  await stack.up({ worker: 2 });
  const ends = await endsOf(stack, accepted);
  return judge({
    accepted,
    ends,
    failures: load.failures,
    notes: [
      `dump of ${(await stat(dump)).size} bytes, with ${states.map((s) => `${s.count} ${s.status}`).join(", ")}`,
      `${acceptedLater} more jobs were accepted while the dump ran; they are not counted`,
    ],
    claims: {
      "the dump has jobs that were waiting": open("queued") > 0,
      "the dump has jobs that were running": open("processing") > 0,
      "no request failed": load.failures.length === 0,
    },
  });
}

/** An empty Postgres is started and gets the dump; nothing else runs yet. */
async function restoreInto(stack: Stack, dump: string): Promise<void> {
  await stack.project.compose(["up", "-d", "--no-build", "postgres"]);
  // Over TCP, as the health check asks: the server that prepares the database does not listen there.
  const ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-U", "ilgam", "-d", "ilgam"];
  await waitFor(async () => (await stack.project.exec("postgres", ready)) === "", {
    what: "the empty Postgres",
    timeoutMs: 60_000,
  });
  await stack.project.exec(
    "postgres",
    ["pg_restore", "-U", "ilgam", "-d", "ilgam", "--exit-on-error"],
    {
      stdinFile: dump,
    },
  );
}
