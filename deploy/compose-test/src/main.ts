import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildImages, type Image, removeImages } from "./build-images.ts";
import { killAndRestart } from "./cases/faults.ts";
import { restoreDump } from "./cases/restoring.ts";
import { rollVersions } from "./cases/rolling.ts";
import { scaleUnderLoad } from "./cases/scaling.ts";
import { type CaseReport, formatReport } from "./report.ts";
import { createStack, type Stack } from "./stack.ts";

/*
 * npm run test:compose [-- CASE…]
 *
 * Builds the image, runs the compose files with it under a project name, ports and secrets of its
 * own, makes the faults happen and prints what was lost. Needs Docker. Removes what it has started,
 * whatever happens; ends with 1 when a case has failed.
 */

type Place = { directory: string; images: { before: Image; after: Image } };
type Case = {
  /** Beside docker-compose.yml. */
  overlay?: string;
  entry?: { service: string; port: number };
  run(stack: Stack, place: Place): Promise<CaseReport>;
};

const cases: Record<string, Case> = {
  scaling: { run: scaleUnderLoad },
  faults: { run: killAndRestart },
  restoring: { run: (stack, { directory }) => restoreDump(stack, directory) },
  rolling: {
    overlay: "docker-compose.rolling.yml",
    entry: { service: "proxy", port: 8080 },
    run: (stack, { images }) => rollVersions(stack, images),
  },
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function runCase(name: string, test: Case, place: Place): Promise<CaseReport> {
  const { overlay, entry } = test;
  const { before } = place.images;
  const over = new AbortController();
  const stack = await createStack({
    name: `${before.name}-${name}`,
    directory: place.directory,
    image: before.name,
    version: before.tag,
    over: over.signal,
    files: ["docker-compose.yml", ...(overlay ? [overlay] : [])],
    ...(entry ? { entry } : {}),
  });
  try {
    if (overlay) await stack.project.compose(["build", "proxy"]);
    return await test.run(stack, place);
  } catch (error) {
    const faults = [`not carried out: ${error instanceof Error ? error.message : String(error)}`];
    say(await stack.project.compose(["logs", "--tail", "20"]));
    return { accepted: 0, completed: 0, failedRequests: 0, notes: [], faults };
  } finally {
    over.abort();
    await stack.project.remove();
  }
}

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in cases));
  if (unknown.length > 0) {
    say(`unknown case: ${unknown.join(", ")} (there are ${Object.keys(cases).join(", ")})`);
    return 2;
  }
  const directory = await mkdtemp(path.join(tmpdir(), "ilgam-compose-"));
  const reports = new Map<string, CaseReport>();
  try {
    say("building");
    const images = await buildImages(`ilgam-test-${randomBytes(3).toString("hex")}`, directory);
    try {
      for (const [name, test] of Object.entries(cases)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        say(name);
        reports.set(name, await runCase(name, test, { directory, images }));
      }
    } finally {
      await removeImages([images.before, images.after]);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  say(`\n${formatReport(reports)}`);
  return [...reports.values()].every(({ faults }) => faults.length === 0) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
