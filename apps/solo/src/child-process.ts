import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Exit, endWithParent } from "@ilgam/local-services";
import type { Unit } from "./supervise.ts";

export type NodeChild = {
  /** Absolute path of the entry point. */
  entry: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  /** Every line of both outputs. */
  onLine(line: string): void;
  /** How long it may drain after this process has died, seconds. Default 40. */
  orphanGraceS?: number;
};

/**
 * Starts a Node process in a session of its own, so that Ctrl-C in the terminal reaches only this
 * one. ILGAM_PARENT_PIPE=1 tells it that its standard input ends when this process dies, even by
 * kill -9: it then drains as on SIGTERM, and is killed if it does not end.
 */
export async function startNodeChild(options: NodeChild): Promise<Unit> {
  const { entry, env, onLine, orphanGraceS } = options;
  const child = spawn(process.execPath, [entry], {
    env: { ...env, ILGAM_PARENT_PIPE: "1" },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // One that does not drain by itself when the pipe ends is not left behind either.
  endWithParent({ pid: child.pid as number, exited, graceS: orphanGraceS });
  // A write is never made; the pipe only breaks when the child is gone.
  child.stdin.on("error", () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", onLine);
  }
  return {
    exited,
    drain: () => void child.kill("SIGTERM"),
    end: () => void child.kill("SIGKILL"),
  };
}
