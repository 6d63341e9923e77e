import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
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
  const limits = { ...defaultLimits, ...options.limits };
  const child = startChild({ path, mediaType, render, directory, limits }, signal);
  try {
    let isDone = false;
    for await (const line of createInterface({ input: child.output })) {
      const said = ChildLine.parse(JSON.parse(line));
      if ("problem" in said) throw new UnreadableDocument(said.problem, said.detail);
      if ("done" in said) isDone = true;
      else {
        yield said.page;
        await removePictures(said.page);
      }
    }
    signal?.throwIfAborted();
    if (!isDone) throw await child.failure();
  } finally {
    child.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

function startChild(task: ParseTask, signal: AbortSignal | undefined) {
  const entry = new URL("./child/main.ts", import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${task.limits.memoryMb}`, "--no-warnings", entry],
    {
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, UV_THREADPOOL_SIZE: "2" },
      stdio: ["pipe", "ignore", "pipe", "pipe"],
    },
  );
  const [stdin, , stderr, output] = child.stdio as unknown as [Writable, null, Readable, Readable];
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1_000);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("error", (error) => {
      complaint = error.message;
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, killedBy) => resolve({ code, signal: killedBy }));
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  void ended.then(() => signal?.removeEventListener("abort", kill));
  // It has died before it read its task: its end says why.
  stdin.on("error", () => undefined);
  // Kept open: its end tells the child that nobody waits any more.
  stdin.write(`${JSON.stringify(task)}\n`);
  return {
    output,
    kill,
    failure: async () => {
      const end = await ended;
      // V8 aborts the process when its heap is full.
      const isMemory = end.signal === memorySignal || end.signal === "SIGABRT" || end.code === 134;
      if (isMemory) return new UnreadableDocument("out_of_memory");
      if (end.signal === timeSignal) return new UnreadableDocument("out_of_time");
      if (signal?.aborted) return signal.reason;
      return new Error(`the reading process ended by ${end.signal ?? end.code}: ${complaint}`);
    },
  };
}

async function removePictures({ images, rendered }: Page): Promise<void> {
  const pictures: Picture[] = rendered ? [...images, rendered] : images;
  await Promise.all(pictures.map(({ path }) => rm(path, { force: true })));
}
