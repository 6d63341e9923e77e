import { createHash } from "node:crypto";
import { z } from "zod";

const whole = (fallback: number, min: number, max = 2 ** 31 - 1) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const DocumentEnv = z.object({
  // A piece of text that is not cut has up to 192 tokens.
  DOCUMENT_CHUNK_TOKENS: whole(500, 200, 8_000),
  DOCUMENT_CHUNK_OVERLAP: whole(50, 0),
  EMBEDDING_BATCH: whole(16, 16, 2_048),
  DOCUMENT_MAX_IMAGES: whole(50, 0, 1_000),
  DOCUMENT_MAX_PAGES: whole(1_000, 1),
  DOCUMENT_MAX_CHARACTERS: whole(5_000_000, 1_000, 50_000_000),
  DOCUMENT_PARSE_MEMORY_MB: z.coerce.number().int().min(64).optional(),
  DOCUMENT_PARSE_TIMEOUT_MS: whole(600_000, 1_000),
  DOCUMENT_PROCESSING_SOFT_TIMEOUT_MS: whole(3_300_000, 1_000),
  DOCUMENT_TEXT_WAIT_MS: whole(20_000, 0, 300_000),
  // Others' settings, for what they change in the result.
  OPENAI_BASE_URL: z.string().optional(),
  OPENAI_MODEL: z.string().optional(),
  EMBEDDING_BASE_URL: z.string().optional(),
  EMBEDDING_MODEL: z.string().optional(),
  EMBEDDING_DIMENSIONS: z.string().optional(),
});

/** How documents are worked on. Times in milliseconds. */
export type DocumentSettings = {
  chunkTokens: number;
  /** Repeated from the end of the chunk before; at most half of `chunkTokens`. */
  overlapTokens: number;
  /** Chunks of one embedding call. */
  embeddingBatch: number;
  /** Images described in one document; pages without a text layer are not counted. */
  maxImages: number;
  maxPages: number;
  /** Of the whole text layer. */
  maxCharacters: number;
  /** Of the process that reads a document; default 600, or half of what its container has. */
  parseMemoryMb: number | undefined;
  parseTimeoutMs: number;
  /** After so long an attempt ends by itself, with its checkpoints. */
  softTimeoutMs: number;
  /** How long an upload with use_multimodal=false waits for its text. */
  textWaitMs: number;
  /** Of everything that changes a result: equal ones may share it. */
  fingerprint: { multimodal: string; text: string };
};

/** What the pipeline makes of the same input; counted up when that changes. */
const pipelineVersion = 1;

/** @throws Error naming the settings that are wrong */
export function documentSettings(env: Record<string, string | undefined>): DocumentSettings {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = DocumentEnv.safeParse(filled);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const given = parsed.data;
  const { DOCUMENT_CHUNK_TOKENS: chunkTokens, DOCUMENT_CHUNK_OVERLAP: overlapTokens } = given;
  if (overlapTokens > chunkTokens / 2) {
    throw new Error("DOCUMENT_CHUNK_OVERLAP must be at most half of DOCUMENT_CHUNK_TOKENS");
  }
  const chunking = { pipelineVersion, chunkTokens, overlapTokens };
  const models = [
    ...[given.OPENAI_BASE_URL, given.OPENAI_MODEL, given.EMBEDDING_BASE_URL],
    ...[given.EMBEDDING_MODEL, given.EMBEDDING_DIMENSIONS].map((one) => one ?? ""),
    given.DOCUMENT_MAX_IMAGES,
  ];
  return {
    ...{ chunkTokens, overlapTokens, embeddingBatch: given.EMBEDDING_BATCH },
    maxImages: given.DOCUMENT_MAX_IMAGES,
    maxPages: given.DOCUMENT_MAX_PAGES,
    maxCharacters: given.DOCUMENT_MAX_CHARACTERS,
    parseMemoryMb: given.DOCUMENT_PARSE_MEMORY_MB,
    parseTimeoutMs: given.DOCUMENT_PARSE_TIMEOUT_MS,
    softTimeoutMs: given.DOCUMENT_PROCESSING_SOFT_TIMEOUT_MS,
    textWaitMs: given.DOCUMENT_TEXT_WAIT_MS,
    fingerprint: { multimodal: hashOf({ ...chunking, models }), text: hashOf(chunking) },
  };
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
