import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isAbsent } from "./disk-objects.ts";
import { StorageError } from "./storage-error.ts";

export type Arrived = { path: string; bytes: number; sha256: string };

/** Files on their way in, under temporary names, in a directory of their own. */
export type Incoming = {
  /**
   * Writes the whole stream down, synced; when it throws nothing is left.
   * @throws StorageError too_large, empty, unavailable; the source's own error; the signal's reason
   */
  write(source: Readable, options: { maxBytes: number; signal?: AbortSignal }): Promise<Arrived>;
  /** Removes those of processes that died, older than `olderThanMs`; resolves with their number. */
  removeAbandoned(olderThanMs: number): Promise<number>;
};

/** System calls of writing: a reading one is the client's. */
const writing = new Set(["open", "write", "fsync", "close", "mkdir"]);

function isOfDisk(error: unknown): boolean {
  return (
    error instanceof Error &&
    "syscall" in error &&
    writing.has(String(error.syscall)) &&
    "errno" in error
  );
}

/** `onRead` is told the bytes of each chunk. */
export function createIncoming(dir: string, onRead: (bytes: number) => void): Incoming {
  return {
    write: async (source, { maxBytes, signal }) => {
      // It may break before the pipeline listens, which then tells of it.
      source.on("error", () => undefined);
      const file = path.join(dir, randomUUID());
      const hash = createHash("sha256");
      let bytes = 0;
      async function* metered(chunks: AsyncIterable<Buffer | string>) {
        for await (const piece of chunks) {
          const chunk = typeof piece === "string" ? Buffer.from(piece) : piece;
          bytes += chunk.length;
          if (bytes > maxBytes) throw new StorageError("too_large");
          hash.update(chunk);
          onRead(chunk.length);
          yield chunk;
        }
        if (bytes === 0) throw new StorageError("empty");
      }
      try {
        await mkdir(dir, { recursive: true });
        // Made before anything can fail: a stream that opens it by itself may do so after the removal.
        const handle = await open(file, "wx", 0o600);
        const target = handle.createWriteStream({ flush: true });
        await pipeline(source, metered, target, signal ? { signal } : {});
      } catch (error) {
        // What a broken disk keeps is removed by the sweep.
        await rm(file, { force: true }).catch(() => undefined);
        signal?.throwIfAborted();
        throw isOfDisk(error) ? new StorageError("unavailable", error) : error;
      }
      return { path: file, bytes, sha256: hash.digest("hex") };
    },
    removeAbandoned: async (olderThanMs) => {
      const names = await readdir(dir).catch((error: unknown) => {
        if (isAbsent(error)) return [];
        throw error;
      });
      let removed = 0;
      for (const name of names) {
        const file = path.join(dir, name);
        const found = await stat(file).catch((error: unknown) => {
          // Another process removed it, or its upload ended.
          if (isAbsent(error)) return undefined;
          throw error;
        });
        if (!found || found.mtimeMs > Date.now() - olderThanMs) continue;
        await rm(file, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}
