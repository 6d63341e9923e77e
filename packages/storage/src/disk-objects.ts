import { randomUUID } from "node:crypto";
import { mkdir, open, rename, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ObjectStore } from "./object-store.ts";
import { StorageError, unavailable } from "./storage-error.ts";

/** Files under a directory of this machine, or of a volume that all processes share. */
export function createDiskObjects(dir: string): ObjectStore {
  const pathOf = (key: string) => path.join(dir, key);
  return {
    take: async (key, source) => {
      const target = pathOf(key);
      try {
        await mkdir(path.dirname(target), { recursive: true });
        await rename(source, target);
        await syncDirectory(path.dirname(target));
      } catch (error) {
        throw unavailable(error);
      }
    },
    open: async (key, signal) => {
      try {
        const file = await open(pathOf(key));
        return file.createReadStream({ signal });
      } catch (error) {
        throw isAbsent(error) ? new StorageError("missing", error) : unavailable(error);
      }
    },
    delete: async (key) => {
      try {
        await unlink(pathOf(key));
      } catch (error) {
        if (!isAbsent(error)) throw unavailable(error);
      }
    },
    check: async () => {
      try {
        await mkdir(dir, { recursive: true });
        const probe = path.join(dir, `.probe-${randomUUID()}`);
        await writeFile(probe, "");
        await unlink(probe);
      } catch (error) {
        throw new Error(`STORAGE_DIR ${dir} cannot be written: ${String(error)}`, { cause: error });
      }
    },
    close: () => undefined,
  };
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** So that the new name outlives a power failure, not only the content. */
async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
