import { type Chunk, chunkPages } from "./chunk-pages.ts";
import type { ChunkTask, SaidByChild } from "./chunks-from-child.ts";
import { loadTokenCounter } from "./count-tokens.ts";

/** Chunks of one message. */
const pieceOfChunks = 50;

// Resolves when the parent has taken it, so that a slow reader slows the work.
const say = (said: SaidByChild) =>
  new Promise<void>((resolve) => process.send?.(said, undefined, undefined, () => resolve()));

async function run({ pages, ...options }: ChunkTask): Promise<void> {
  const countTokens = await loadTokenCounter();
  let piece: Chunk[] = [];
  for (const chunk of chunkPages(pages, { ...options, countTokens })) {
    piece.push(chunk);
    if (piece.length < pieceOfChunks) continue;
    await say({ chunks: piece, isLast: false });
    piece = [];
  }
  await say({ chunks: piece, isLast: true });
}

// Lives until its parent has read everything and ends it, or is gone.
process.once("disconnect", () => process.exit());
process.once("message", (task) => void run(task as ChunkTask));
