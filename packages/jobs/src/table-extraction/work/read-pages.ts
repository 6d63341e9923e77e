import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { GiveUp, message, RetryableError } from "@ilgam/contracts";
import {
  countPages,
  type DocumentProblem,
  type NormalImage,
  normalizeImage,
  parseDocument,
  UnreadableDocument,
  UnreadableImage,
} from "@ilgam/parsing";
import type { JobContext } from "../../handling/job-context.ts";
import { giveUpOf, openImage } from "../../image-analysis/work/open-image.ts";
import type { FileStore, StoredFile } from "../../uploads/file-store.ts";

/** A page as the model is to see it. */
export type SeenPage = {
  number: number;
  pageCount: number;
  /** Its text layer; empty without one. */
  text: string;
  /** Made when it is asked for, and only before the next page is. */
  picture(): Promise<NormalImage>;
};

type Limits = { longestSide: number; maxPixels: number; maxPages: number };

/** Longer than the job itself may take: its own limit ends it, and it is retried. */
const parseMs = 24 * 3_600_000;

/**
 * The pages of the job's file one by one; an image is one page.
 * @throws GiveUp for a file that cannot be read, RetryableError when memory is short, StorageError,
 *   the signal's reason
 */
export async function* readPages(
  files: FileStore,
  context: Pick<JobContext<{ fileId: string }>, "payload" | "job" | "signal">,
  file: StoredFile,
  limits: Limits,
): AsyncGenerator<SeenPage> {
  if (file.mediaType !== "application/pdf" && file.mediaType !== "image/tiff") {
    const picture = () => openImage(files, context, limits);
    yield { number: 1, pageCount: 1, text: "", picture };
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), "ilgam-tables-"));
  try {
    const path = join(directory, "document");
    await download(files, context, path);
    const isTiff = file.mediaType === "image/tiff";
    yield* isTiff ? readTiff(path, limits) : readPdf(path, context.signal, limits);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function download(
  files: FileStore,
  { job, payload, signal }: Parameters<typeof readPages>[1],
  path: string,
): Promise<void> {
  signal.throwIfAborted();
  const opened = await files.open(job.tenantId, payload.fileId, { signal });
  if (!opened) throw new GiveUp(message("file_not_found"), { code: "file_gone" });
  await pipeline(opened.content, createWriteStream(path), { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

async function* readTiff(path: string, limits: Limits): AsyncGenerator<SeenPage> {
  const { longestSide, maxPixels, maxPages } = limits;
  const orGiveUp = (error: unknown): never => {
    throw error instanceof UnreadableImage ? giveUpOf(error, maxPixels) : error;
  };
  const pageCount = await countPages(path).catch(orGiveUp);
  if (pageCount > maxPages) {
    const sentence = message("document_too_many_pages", "ko", { limit: maxPages });
    throw new GiveUp(sentence, { code: "document_too_many_pages" });
  }
  for (let number = 1; number <= pageCount; number += 1) {
    const wanted = { longestSide, maxPixels, page: number };
    yield {
      number,
      pageCount,
      text: "",
      picture: () => normalizeImage(path, wanted).catch(orGiveUp),
    };
  }
}

async function* readPdf(path: string, signal: AbortSignal, { longestSide, maxPages }: Limits) {
  const pages = parseDocument({
    ...{ path, mediaType: "application/pdf", render: "all", signal },
    limits: { maxPages, timeoutMs: parseMs },
  });
  try {
    for await (const { number, pageCount, text, rendered } of pages) {
      if (!rendered) throw new Error("the page was not drawn");
      yield {
        ...{ number, pageCount, text },
        picture: () => normalizeImage(rendered.path, { longestSide }),
      };
    }
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    const sentence = message(sentences[error.problem], "ko", { limit: maxPages });
    const why = { code: `document_${error.problem}`, cause: error };
    // Others may have taken the memory: another time there may be enough.
    if (error.problem === "out_of_memory") throw new RetryableError(sentence, why);
    throw new GiveUp(sentence, why);
  }
}

const sentences = {
  encrypted: "document_encrypted",
  corrupt: "document_corrupt",
  too_many_pages: "document_too_many_pages",
  out_of_memory: "document_too_demanding",
  out_of_time: "document_too_demanding",
} as const satisfies Record<DocumentProblem, string>;
