import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** True when a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * What tells one process from a later one with the same id: its start time, as the system writes
 * it. Null when there is no such process or the system does not say.
 */
export function startMark(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return ps(pid, "lstart=");
  }
}

/** The command of a running process ("postgres"), or null when the system does not say. */
export function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return ps(pid, "comm=");
  }
}

function ps(pid: number, column: string): string | null {
  try {
    const args = ["-o", column, "-p", String(pid)];
    const said = execFileSync("ps", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return said.trim() || null;
  } catch {
    // No such process, or a system without ps: unknown either way.
    return null;
  }
}
