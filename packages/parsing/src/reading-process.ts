import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { memorySignal, timeSignal } from "./child/limits.ts";

/** Why a reading process ended without an answer: by its limits, or else the error to throw. */
export type ReadingFailure = "out_of_memory" | "out_of_time" | { error: unknown };

export type ReadingProcess = {
  /** Its standard input; it may end before it has read all. */
  input: Writable;
  /** What it says. */
  output: Readable;
  kill(): void;
  /** Waits for its end. */
  failure(): Promise<ReadingFailure>;
};

type Start = {
  /** The file that is run. */
  entry: URL;
  args?: string[];
  memoryMb: number;
  /** Kills it. */
  signal?: AbortSignal | undefined;
};

/** Starts a process that reads what may be hostile; it sees none of this process's environment. */
export function startReading({ entry, args = [], memoryMb, signal }: Start): ReadingProcess {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryMb}`, "--no-warnings", fileURLToPath(entry), ...args],
    {
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, UV_THREADPOOL_SIZE: "2" },
      stdio: ["pipe", "ignore", "pipe", "pipe"],
    },
  );
  let complaint = "";
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("error", (error) => {
      complaint = error.message;
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, killedBy) => resolve({ code, signal: killedBy }));
  });
  const pipes = child.stdio as unknown as [Writable, null, Readable, Readable] | undefined;
  if (!pipes) throw new Error("no process could be started to read the document");
  const [input, , stderr, output] = pipes;
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1_000);
  });
  let isKilled = false;
  const kill = () => {
    isKilled = true;
    child.kill("SIGKILL");
  };
  signal?.addEventListener("abort", kill, { once: true });
  void ended.then(() => signal?.removeEventListener("abort", kill));
  // It has died before it read its task: its end says why.
  input.on("error", () => undefined);
  return {
    ...{ input, output, kill },
    failure: async () => {
      const end = await ended;
      if (signal?.aborted) return { error: signal.reason };
      if (end.signal === timeSignal) return "out_of_time";
      // V8 aborts the process when its heap is full, the kernel kills it when the container is.
      const byKernel = end.signal === "SIGKILL" && !isKilled;
      const isMemory = end.signal === memorySignal || end.signal === "SIGABRT" || end.code === 134;
      if (isMemory || byKernel) return "out_of_memory";
      const how = end.signal ?? end.code;
      return { error: new Error(`the reading process ended by ${how}: ${complaint}`) };
    },
  };
}
