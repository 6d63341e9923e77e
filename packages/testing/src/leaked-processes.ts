import { existsSync, readdirSync, readFileSync } from "node:fs";
import { waitFor } from "./wait-for.ts";

/** Child processes of this one, as "pid command"; empty where the system keeps no list (not Linux). */
function childProcesses(): string[] {
  const tasks = `/proc/${process.pid}/task`;
  if (!existsSync(tasks)) return [];
  const lists = readdirSync(tasks).map((task) => read(`${tasks}/${task}/children`));
  const pids = lists.flatMap((list) => list.split(" ").filter(Boolean));
  return pids.map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process or thread went away between the listing and the look.
    return "";
  }
}

/** @throws when a child process of the test file still runs a moment after everything was undone. */
export async function expectNoChildProcess(): Promise<void> {
  const gone = () => childProcesses().length === 0;
  await waitFor(gone, { what: "child processes to end", timeoutMs: 3_000 }).catch(() => {
    throw new Error(`processes were left running: ${childProcesses().join(", ")}`);
  });
}
