import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Services } from "./services.ts";

export type Contestant = { name: string; port: number; stop(): Promise<void> };

/** Starts an API and a worker process and waits until both say that they are ready. */
export async function startContestant(
  services: Services,
  { name, port, api, worker }: { name: string; port: number; api: string; worker: string },
): Promise<Contestant> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    PORT: String(port),
    HOST: "127.0.0.1",
    AUTH_MODE: "off",
    LOG_LEVEL: "warn",
  };
  const children = [launch(api, env), launch(worker, { ...env, PORT: "0" })];
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  try {
    await waitFor(() => isUp(`http://127.0.0.1:${port}/`), `the API of ${name}`);
    return { name, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(entry: string, env: NodeJS.ProcessEnv): ChildProcess {
  const file = fileURLToPath(new URL(entry, import.meta.url));
  return spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

/** Anything that answers HTTP, a 404 too. */
async function isUp(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}

export async function waitFor(
  condition: () => Promise<boolean>,
  what: string,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
