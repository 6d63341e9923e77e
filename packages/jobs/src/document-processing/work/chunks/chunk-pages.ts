import { cut, type Piece, splitPieces } from "./split-pieces.ts";

export type Chunk = {
  /** From 0. */
  position: number;
  pageFrom: number;
  pageTo: number;
  content: string;
  tokens: number;
};

export type ChunkOptions = {
  /** Most tokens of a chunk. */
  chunkTokens: number;
  /** So many tokens of its end, or as many whole words as fit, begin the next chunk too. */
  overlapTokens: number;
  /** Of a text of a few characters, by the encoding the embeddings are counted in. */
  countTokens(text: string): number;
};

type Counted = Piece & { tokens: number };

/** A place to cut is looked for in this last part of a chunk. */
const searched = 0.5;

/**
 * Cuts pages into chunks of at most `chunkTokens`: after a paragraph where one ends in the second
 * half of the chunk, else after a sentence, a line, a word. Nothing is lost but white space at the
 * ends of chunks; no character is cut in two. Without text there are no chunks.
 */
export function* chunkPages(
  pages: Iterable<{ number: number; text: string }>,
  options: ChunkOptions,
): Generator<Chunk> {
  const { chunkTokens, overlapTokens, countTokens } = options;
  let open: Counted[] = [];
  let openTokens = 0;
  /** Pieces at the beginning of `open` that the chunk before has too. */
  let repeated = 0;
  let position = 0;

  function* close(end: number): Generator<Chunk> {
    const chunk = chunkOf(open.slice(0, end), position);
    if (chunk) {
      yield chunk;
      position += 1;
    }
    const start = overlapStart(open.slice(0, end), overlapTokens);
    repeated = end - start;
    open = open.slice(start);
    openTokens = tokensOf(open);
  }

  for (const piece of splitPieces(pages)) {
    const tokens = countTokens(piece.text);
    while (openTokens + tokens > chunkTokens && open.length > repeated) {
      yield* close(bestEnd(open, repeated, chunkTokens));
      // A piece as large as a chunk leaves no room for what is repeated.
      if (openTokens + tokens > chunkTokens && open.length === repeated) {
        ({ open, openTokens, repeated } = { open: [], openTokens: 0, repeated: 0 });
      }
    }
    open.push({ ...piece, tokens });
    openTokens += tokens;
  }
  if (open.length > repeated) yield* close(open.length);
}

/** How many pieces the chunk takes: to the best border in its last part, of equal ones the last. */
function bestEnd(open: readonly Counted[], repeated: number, chunkTokens: number): number {
  let tokens = 0;
  let best = open.length;
  let bestBorder = -1;
  open.forEach(({ tokens: own, border }, index) => {
    tokens += own;
    if (index < repeated || tokens < chunkTokens * searched) return;
    if (border < Math.max(bestBorder, cut.word)) return;
    best = index + 1;
    bestBorder = border;
  });
  return best;
}

/** Where the longest end of at most `overlapTokens` begins. */
function overlapStart(pieces: readonly Counted[], overlapTokens: number): number {
  let tokens = 0;
  let start = pieces.length;
  while (start > 0) {
    tokens += pieces[start - 1]?.tokens ?? 0;
    if (tokens > overlapTokens) break;
    start -= 1;
  }
  return start;
}

function chunkOf(pieces: readonly Counted[], position: number): Chunk | undefined {
  const content = pieces
    .map(({ text }) => text)
    .join("")
    .trim();
  const [first] = pieces;
  const last = pieces.at(-1);
  if (content === "" || !first || !last) return undefined;
  const tokens = tokensOf(pieces);
  return { position, pageFrom: first.page, pageTo: last.page, content, tokens };
}

function tokensOf(pieces: readonly Counted[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}
