import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { GiveUp, message } from "@ilgam/contracts";
import type { FileStore } from "../../uploads/file-store.ts";

/**
 * Hands over a stored file as one on this machine's disk, which is gone afterwards.
 * @throws GiveUp when it is no longer stored, StorageError unavailable
 */
export async function withLocalCopy<T>(
  files: Pick<FileStore, "open">,
  of: { tenantId: string; fileId: string; signal: AbortSignal },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const { signal } = of;
  const found = await files.open(of.tenantId, of.fileId, { signal });
  if (!found) throw fileGone();
  const directory = await mkdtemp(join(tmpdir(), "ilgam-document-"));
  try {
    const path = join(directory, "file");
    await pipeline(found.content, createWriteStream(path, { flags: "wx", mode: 0o600 }), {
      signal,
    });
    return await use(path);
  } finally {
    found.content.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

export function fileGone(): GiveUp {
  return new GiveUp(message("error_document_file_gone"), { code: "document_file_gone" });
}
