import { readFile } from "node:fs/promises";
import { createScrubber } from "@ilgam/telemetry";
import { productionKinds } from "./production-kinds.ts";
import { readRunLimits, usage } from "./run-options.ts";
import { runWorker } from "./run-worker.ts";

const { version } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };
try {
  const limits = readRunLimits(process.argv.slice(2));
  if (limits === "help") console.log(usage);
  else await runWorker({ env: process.env, version, kinds: productionKinds, limits });
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  console.error(`the worker cannot start: ${createScrubber(process.env)(sentence)}`);
  process.exit(1);
}
