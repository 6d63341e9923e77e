import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { memorySignal, timeSignal } from "./child/limits.ts";
import {
  ChildLine,
  type DocumentType,
  defaultLimits,
  type Page,
  type ParseLimits,
  type ParseTask,
  type Picture,
  type Render,
  UnreadableDocument,
} from "./document.ts";

export type ParseOptions = {
  /** Of a local file. */
  path: string;
  mediaType: DocumentType;
  /** Default `scanned`. */
  render?: Render;
  limits?: Partial<ParseLimits>;
  /** Ends the child at once. */
  signal?: AbortSignal;
};

/**
 * Reads a document page by page in a process of its own, which a hostile file may bring down without
 * harm: it has limits of memory and time, and sees none of this process's environment. The next page
 * is read when the one before has been used.
 * @throws UnreadableDocument, or the signal's reason
 */
export async function* parseDocument(options: ParseOptions): AsyncGenerator<Page, void, undefined> {
  const { signal, path, mediaType, render = "scanned" } = options;
  signal?.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), "ilgam-parse-"));
  const limits = { ...limitsHere(), ...options.limits };
  let child: ReturnType<typeof startChild> | undefined;
  try {
    child = startChild({ path, mediaType, render, directory, limits }, signal);
    let isDone = false;
    for await (const line of createInterface({ input: child.output })) {
      const said = readLine(line);
      // Cut off: the child died while it wrote, and its end says why.
      if (!said) break;
      if ("problem" in said) throw new UnreadableDocument(said.problem, said.detail);
      if ("done" in said) isDone = true;
      else {
        yield said.page;
        await removePictures(said.page);
        child.next();
      }
    }
    signal?.throwIfAborted();
    if (!isDone) throw await child.failure();
  } finally {
    child?.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The default limits; in a container that has less, half of what it has. */
function limitsHere(): ParseLimits {
  const containerMb = Math.floor(process.constrainedMemory() / 1_048_576);
  if (containerMb <= 0) return defaultLimits;
  const memoryMb = Math.max(200, Math.min(defaultLimits.memoryMb, Math.floor(containerMb / 2)));
  return { ...defaultLimits, memoryMb };
}

function readLine(line: string): ChildLine | undefined {
  try {
    return ChildLine.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function startChild(task: ParseTask, signal: AbortSignal | undefined) {
  const entry = fileURLToPath(new URL("./child/main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${task.limits.memoryMb}`, "--no-warnings", entry],
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
  const [stdin, , stderr, output] = pipes;
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
  stdin.on("error", () => undefined);
  // Kept open: its end tells the child that nobody waits any more.
  stdin.write(`${JSON.stringify(task)}\n`);
  return {
    output,
    kill,
    /** The page was used: the child may read the next one. */
    next: () => void stdin.write("next\n"),
    failure: async () => {
      const end = await ended;
      if (signal?.aborted) return signal.reason;
      if (end.signal === timeSignal) return new UnreadableDocument("out_of_time");
      // V8 aborts the process when its heap is full, the kernel kills it when the container is.
      const byKernel = end.signal === "SIGKILL" && !isKilled;
      const isMemory = end.signal === memorySignal || end.signal === "SIGABRT" || end.code === 134;
      if (isMemory || byKernel) return new UnreadableDocument("out_of_memory");
      return new Error(`the reading process ended by ${end.signal ?? end.code}: ${complaint}`);
    },
  };
}

async function removePictures({ images, rendered }: Page): Promise<void> {
  const pictures: Picture[] = rendered ? [...images, rendered] : images;
  await Promise.all(pictures.map(({ path }) => rm(path, { force: true })));
}
