import { spawn } from "node:child_process";

export type Orphan = {
  /** A child of this process. */
  pid: number;
  /** Resolves when the child is gone. */
  exited: Promise<unknown>;
  /** Sent to the child when this process dies; none when the child notices by itself. */
  signal?: NodeJS.Signals;
  /** It is killed with -9 when it still runs so long after that, seconds. Default 40. */
  graceS?: number;
};

/**
 * Ends a child when this process dies, however that happens, kill -9 included: a shell waits on a
 * pipe held by this process, and the pipe ends with it. Windows has no such shell.
 */
export function endWithParent({ pid, exited, signal, graceS = 40 }: Orphan): void {
  if (process.platform === "win32") return;
  const name = signal?.slice("SIG".length) ?? "0";
  const args = ["-c", SCRIPT, "ilgam-guard", name, String(pid), String(Math.round(graceS * 10))];
  const guard = spawn("/bin/sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  // Without a shell the child still runs; it only outlives a kill -9 of this process.
  guard.once("error", () => undefined);
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  void exited.then(() => guard.kill("SIGKILL"));
}

// Signal 0 asks whether the process is there and sends nothing.
const SCRIPT = `read -r line
kill -s "$1" "$2"
tenths=0
while kill -s 0 "$2" && [ "$tenths" -lt "$3" ]; do
  sleep 0.1
  tenths=$((tenths + 1))
done
kill -s KILL "$2"`;
