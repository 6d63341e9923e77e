import { GiveUp, message, RetryableError } from "@ilgam/contracts";
import {
  countPages,
  type DocumentType,
  type Page,
  parseDocument,
  UnreadableDocument,
  UnreadableImage,
} from "@ilgam/parsing";
import type { JobContext } from "../../handling/job-context.ts";
import type { FileStore, StoredFile } from "../../uploads/file-store.ts";
import type { DocumentSettings } from "../settings.ts";
import type { DocumentStore } from "./document-store.ts";

/** One attempt at one document: what its stages share. */
export type DocumentWork = {
  context: JobContext<unknown>;
  store: DocumentStore;
  files: Pick<FileStore, "open">;
  file: StoredFile;
  settings: DocumentSettings;
  /** To be asked between two pieces of work. @throws RetryableError after the soft limit */
  checkTime(): void;
};

/** Asks whether the attempt has run for long enough. */
export function softLimit(softTimeoutMs: number): () => void {
  const since = performance.now();
  return () => {
    if (performance.now() - since < softTimeoutMs) return;
    throw new RetryableError(message("error_timeout"), { code: "timeout" });
  };
}

/**
 * The document's pages, read in a process of their own.
 * @throws GiveUp for one that cannot be read
 */
export async function* pagesOf(
  { file, settings, context }: DocumentWork,
  path: string,
  want: { render: "scanned" | "none"; maxImages: number },
): AsyncGenerator<Page> {
  const limits = {
    ...(settings.parseMemoryMb !== undefined && { memoryMb: settings.parseMemoryMb }),
    timeoutMs: settings.parseTimeoutMs,
    maxPages: settings.maxPages,
    maxImages: want.maxImages,
  };
  const mediaType = file.mediaType as DocumentType;
  const { render } = want;
  try {
    yield* parseDocument({ path, mediaType, render, limits, signal: context.signal });
  } catch (error) {
    throw asGiveUp(error);
  }
}

/** What cannot be read today cannot be read tomorrow; another error stays as it is. */
export function asGiveUp(error: unknown): unknown {
  if (error instanceof UnreadableDocument) {
    // Others may have taken the memory: another time there may be enough.
    if (error.problem === "out_of_memory") {
      const code = "document_out_of_memory";
      return new RetryableError(message(`error_${code}`), { code, cause: error });
    }
    const code = `document_${error.problem}` as const;
    return new GiveUp(message(`error_${code}`), { code, cause: error });
  }
  if (error instanceof UnreadableImage) {
    const code = error.problem === "corrupt" ? "document_corrupt" : "document_too_many_pixels";
    return new GiveUp(message(`error_${code}`), { code, cause: error });
  }
  return error;
}

/** The pages of an image file: a TIFF may have several. @throws GiveUp */
export async function picturePages(path: string, maxPages: number): Promise<number> {
  try {
    const pages = await countPages(path);
    if (pages > maxPages) throw new UnreadableDocument("too_many_pages", `${pages} of ${maxPages}`);
    return pages;
  } catch (error) {
    throw asGiveUp(error);
  }
}
