import type { Sums } from "./document-store.ts";
import type { DocumentWork } from "./document-work.ts";

const pieceOfChunks = 200;

/**
 * Copies what was computed of the same file with the same settings; undefined when there is nothing
 * to copy, or it was deleted meanwhile.
 */
export async function reuseTwin(
  { store, context, file }: DocumentWork,
  fingerprint: string,
): Promise<(Sums & { pages: number }) | undefined> {
  const twin = await store.findTwin(file, fingerprint);
  if (!twin) return undefined;
  await store.clearChunks();
  for (let from = 0; from < twin.chunks; from += pieceOfChunks) {
    context.signal.throwIfAborted();
    await store.copyChunks(twin, { from, count: pieceOfChunks });
    context.progress(10 + (85 * from) / twin.chunks, "copying");
  }
  const sums = await store.readSums();
  return sums.chunks === twin.chunks ? { ...sums, pages: twin.pages } : undefined;
}
