import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { atFileEnd } from "./file-end.ts";
import { ProcessOutput } from "./process-output.ts";
import { waitFor } from "./wait-for.ts";

export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

export type StartedProcess = {
  pid: number;
  /** Every line of both outputs so far. */
  lines: string[];
  exited: Promise<ProcessExit>;
  running(): boolean;
  /** @throws after `timeoutMs` (default 10,000) or when the process ends first. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Asks until the answer has `status` (default 200). @throws as waitForLine does. */
  waitForHttp(url: string, options?: { status?: number; timeoutMs?: number }): Promise<Response>;
  /** Sends a signal (default SIGKILL) and resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<ProcessExit>;
  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP: a zombie, whose connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Ends its standard input, as the death of a parent does. */
  endStdin(): void;
};

export type ProcessOptions = {
  /** Shown before its lines and in errors. Default: the entry's path. */
  name?: string;
  /** Absolute path or file URL of the .ts file to run with this Node. */
  entry: string | URL;
  args?: string[];
  /** The whole environment, but PATH, HOME and Node's cache: nothing is inherited by accident. */
  env?: Record<string, string>;
};

/** Starts a Node process, killed with -9 at the file's end if it still runs then. */
export function startProcess({ entry, args = [], env = {}, ...rest }: ProcessOptions) {
  const file = entry instanceof URL ? fileURLToPath(entry) : entry;
  const name = rest.name ?? file;
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const started = control(child, name);
  atFileEnd(`process ${name}`, async () => {
    await started.kill();
  });
  return started;
}

function control(child: ChildProcess, name: string): StartedProcess {
  const output = new ProcessOutput(child, name);
  const ended = new AbortController();
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal });
      ended.abort(failure(`ended (code ${code}, signal ${signal})`));
    });
  });
  const failure = (what: string) => new Error(`${name} ${what}; its last lines:\n${output.tail()}`);
  const running = () => child.exitCode === null && child.signalCode === null;
  const kill = (signal: NodeJS.Signals = "SIGKILL") => {
    child.kill(signal);
    return exited;
  };
  // A closed pipe of a process that is gone is no error of the test.
  child.stdin?.on("error", () => undefined);
  return {
    pid: child.pid as number,
    lines: output.lines,
    exited,
    running,
    waitForLine: async (pattern, timeoutMs = 10_000) => {
      const late = new AbortController();
      const timer = setTimeout(
        () => late.abort(failure(`wrote no line like ${pattern} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      try {
        return await output.waitForLine(pattern, AbortSignal.any([ended.signal, late.signal]));
      } finally {
        clearTimeout(timer);
      }
    },
    waitForHttp: (url, { status = 200, timeoutMs = 10_000 } = {}) =>
      waitFor(() => answer(url, status, running), {
        what: `${status} from ${url}`,
        timeoutMs,
      }).catch((error: unknown) => {
        throw failure(error instanceof Error ? error.message : String(error));
      }),
    kill,
    signal: (signal) => void child.kill(signal),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    endStdin: () => void child.stdin?.end(),
  };
}

async function answer(url: string, status: number, running: () => boolean) {
  if (!running()) throw new Error("the process is gone");
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (response.status === status) return response;
  throw new Error(`answered ${response.status}: ${await response.text()}`);
}
