import { chunksFromChild } from "./chunks/chunks-from-child.ts";
import type { Sums } from "./document-store.ts";
import type { DocumentWork } from "./document-work.ts";

/** Stage three: the pages' text in chunks, into the store. */
export async function storeChunks(work: DocumentWork): Promise<Sums> {
  const { store, context, settings } = work;
  await store.clearChunks();
  const pages = await store.readPages();
  const lastPage = pages.at(-1)?.number ?? 1;
  const { chunkTokens, overlapTokens } = settings;
  const sums: Sums = { chunks: 0, tokens: 0 };
  const task = { pages, chunkTokens, overlapTokens };
  for await (const chunks of chunksFromChild(task, context.signal)) {
    if (chunks.length > 0) await store.putChunks(chunks);
    sums.chunks += chunks.length;
    sums.tokens += chunks.reduce((sum, { tokens }) => sum + tokens, 0);
    const page = chunks.at(-1)?.pageTo ?? 1;
    context.progress(65 + (5 * page) / lastPage, `chunking ${sums.chunks}`);
  }
  return sums;
}
