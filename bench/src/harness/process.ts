import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a .ts file of this repository, named from its root, with this Node; its errors are shown. */
export function launch(entry: string, env: Record<string, string>): ChildProcess {
  const file = fileURLToPath(new URL(`../../../${entry}`, import.meta.url));
  const { PATH = "" } = process.env;
  return spawn(process.execPath, [file], {
    env: { PATH, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** SIGTERM, and SIGKILL for one that is not gone after 10 s. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

/** @throws after `timeoutMs`, naming what was waited for. */
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

/** True when the address answers with a status that is no refusal of service. */
export async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).status < 500;
  } catch {
    return false;
  }
}
