import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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
import { type ReadingProcess, startReading } from "./reading-process.ts";

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
  let child: ReadingProcess | undefined;
  try {
    const entry = new URL("./child/main.ts", import.meta.url);
    child = startReading({ entry, memoryMb: limits.memoryMb, signal });
    const task: ParseTask = { path, mediaType, render, directory, limits };
    // Kept open: its end tells the child that nobody waits any more.
    child.input.write(`${JSON.stringify(task)}\n`);
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
        // The page was used: the child may read the next one.
        child.input.write("next\n");
      }
    }
    signal?.throwIfAborted();
    if (isDone) return;
    const failure = await child.failure();
    throw typeof failure === "string" ? new UnreadableDocument(failure) : failure.error;
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

async function removePictures({ images, rendered }: Page): Promise<void> {
  const pictures: Picture[] = rendered ? [...images, rendered] : images;
  await Promise.all(pictures.map(({ path }) => rm(path, { force: true })));
}
