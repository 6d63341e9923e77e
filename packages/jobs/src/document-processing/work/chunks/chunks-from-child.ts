import { fork } from "node:child_process";
import { on } from "node:events";
import type { PageText } from "../document-store.ts";
import type { Chunk, ChunkOptions } from "./chunk-pages.ts";

export type ChunkTask = Omit<ChunkOptions, "countTokens"> & { pages: PageText[] };
export type SaidByChild = { chunks: Chunk[]; isLast: boolean };

/**
 * The chunks of pages, piece by piece, made in a process of its own: counting keeps one busy for
 * seconds, in which the worker's lease has to be renewed, and the tokenizer's tables take 80 MB that
 * only the end of a process gives back. @throws the signal's reason
 */
export async function* chunksFromChild(
  task: ChunkTask,
  signal: AbortSignal,
): AsyncGenerator<Chunk[]> {
  signal.throwIfAborted();
  const entry = new URL("./chunk-child.ts", import.meta.url);
  const { PATH } = process.env;
  const child = fork(entry, {
    env: { PATH },
    execArgv: ["--no-warnings"],
    serialization: "advanced",
  });
  try {
    const messages = on(child, "message", { signal, close: ["exit"] });
    // One that cannot be sent ends the child, which is told below.
    child.send(task, () => undefined);
    for await (const [said] of messages) {
      const { chunks, isLast } = said as SaidByChild;
      yield chunks;
      if (isLast) return;
    }
    throw new Error("the process that makes chunks ended before its work was done");
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    child.kill("SIGKILL");
  }
}
