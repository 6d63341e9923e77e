import { readFile } from "node:fs/promises";
import { productionKinds } from "./production-kinds.ts";
import { runWorker } from "./run-worker.ts";

const { version } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };
try {
  await runWorker({ env: process.env, version, kinds: productionKinds });
} catch (error) {
  console.error(`the worker cannot start: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
