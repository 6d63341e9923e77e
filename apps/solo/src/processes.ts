import { fileURLToPath } from "node:url";
import { startNodeChild } from "./child-process.ts";
import type { ConsoleLog } from "./console-log.ts";
import { type Supervised, supervise } from "./supervise.ts";

export type Entries = { api: string; worker: string; sandbox: string };

const entry = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The programs that `npm start` runs. */
export const ENTRIES: Entries = {
  api: entry("../../api/src/server.ts"),
  worker: entry("../../worker/src/main.ts"),
  sandbox: entry("../../sandbox/src/main.ts"),
};

export type ProcessPlan = {
  entries: Entries;
  /** For all of them. */
  env: NodeJS.ProcessEnv;
  /** Null: none is needed. */
  sandboxPort: number | null;
  workers: number;
  log: ConsoleLog;
  say(line: string): void;
};

export type Processes = {
  /** Of the sandbox, which must outlive the workers that call it. */
  sandbox: Supervised[];
  /** Of the API and the workers. */
  front: Supervised[];
};

/** Starts the sandbox, the API and the workers, each started again when it ends by itself. */
export async function startProcesses(plan: ProcessPlan): Promise<Processes> {
  const start = (name: string, file: string, env: NodeJS.ProcessEnv) => {
    const onLine = plan.log.prefixed(name);
    return supervise({
      name,
      say: plan.say,
      start: () => startNodeChild({ entry: file, env, onLine }),
    });
  };
  const { entries, env, sandboxPort, workers } = plan;
  const workerNames = Array.from({ length: workers }, (_, index) =>
    workers === 1 ? "worker" : `worker-${index + 1}`,
  );
  const sandbox =
    sandboxPort === null
      ? []
      : [start("sandbox", entries.sandbox, { ...env, SANDBOX_PORT: String(sandboxPort) })];
  const front = [
    start("api", entries.api, env),
    ...workerNames.map((name, index) => start(name, entries.worker, workerEnv(env, index))),
  ];
  return { sandbox: await Promise.all(sandbox), front: await Promise.all(front) };
}

/** Only one process can have the metrics port that was asked for. */
function workerEnv(env: NodeJS.ProcessEnv, index: number): NodeJS.ProcessEnv {
  return index > 0 && env.METRICS_PORT ? { ...env, METRICS_PORT: "0" } : env;
}
