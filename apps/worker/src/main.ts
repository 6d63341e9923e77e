import { readFile } from "node:fs/promises";
import { createScrubber } from "@ilgam/telemetry";
import { productionKinds } from "./production-kinds.ts";
import { runWorker } from "./run-worker.ts";

const { version } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };
try {
  await runWorker({ env: process.env, version, kinds: productionKinds });
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  console.error(`the worker cannot start: ${createScrubber(process.env)(sentence)}`);
  process.exit(1);
}
