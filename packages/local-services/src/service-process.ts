import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { endWithParent } from "./end-with-parent.ts";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type ServiceProcess = {
  readonly pid: number;
  /** Resolves when the process is gone, never rejects. */
  readonly exited: Promise<Exit>;
  /** Resolves when its last line has been passed on, a moment after its end. */
  outputEnded: Promise<void>;
  /** True while the process lives. */
  running(): boolean;
  /** Sends a signal; false when the process is gone already. */
  kill(signal: NodeJS.Signals): boolean;
};

export type ServiceCommand = {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Sent when this process dies without stopping the service (kill -9). */
  orphanSignal: NodeJS.Signals;
  /** Every line of both outputs. */
  onLine(line: string): void;
};

/**
 * Starts a server in a session of its own, so that Ctrl-C in the terminal reaches only the
 * process that started it, which decides when the server stops.
 *
 * @throws the system's error when the command cannot be started.
 */
export async function startServiceProcess(service: ServiceCommand): Promise<ServiceProcess> {
  const { command, args, env, cwd, uid, gid } = service;
  const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
  const child = spawn(command, args, { env, cwd, uid, gid, stdio, detached: true });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const outputEnded = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const pid = child.pid as number;
  forwardLines(child, service.onLine);
  endWithParent({ pid, exited, signal: service.orphanSignal });
  const running = () => child.exitCode === null && child.signalCode === null;
  return { pid, exited, outputEnded, running, kill: (signal) => running() && child.kill(signal) };
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as Readable }).on("line", onLine);
  }
}
