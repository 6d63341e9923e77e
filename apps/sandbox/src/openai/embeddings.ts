import { createHash } from "node:crypto";
import { z } from "zod";
import { countTokens } from "./completion.ts";
import { type OpenaiError, openaiError } from "./openai-errors.ts";

/** What of an embeddings request this sandbox understands; the rest is accepted unread. */
export const EmbeddingsRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1, "input cannot be an empty string")).min(1).max(2_048),
  ]),
  dimensions: z.int().min(1).max(8_192).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

const defaultDimensions = 256;

/** Vectors of length 1 that depend on the text alone: equal texts are equal, others have no meaning. */
export function embeddingsFor({ model, input, dimensions, encoding_format }: EmbeddingsRequest) {
  const texts = typeof input === "string" ? [input] : input;
  const vectors = texts.map((text) => vectorOf(text, dimensions ?? defaultDimensions));
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: "list" as const,
    model,
    data: vectors.map((vector, index) => ({
      object: "embedding" as const,
      index,
      embedding:
        encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector],
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** What one call takes: texts, and tokens of one text. */
export type EmbeddingLimits = { inputs: number; tokens: number };

/** The refusal of a call beyond the limits, in words as servers with such limits use. */
export function tooBig(
  { input }: EmbeddingsRequest,
  limits: EmbeddingLimits,
): OpenaiError | undefined {
  const texts = typeof input === "string" ? [input] : input;
  if (texts.length > limits.inputs) {
    return openaiError(
      400,
      `batch size ${texts.length} > maximum allowed batch size ${limits.inputs}`,
    );
  }
  const longest = Math.max(...texts.map(countTokens));
  if (longest <= limits.tokens) return undefined;
  const most = `This model's maximum context length is ${limits.tokens} tokens`;
  return openaiError(400, `${most}. However, you requested ${longest} tokens.`);
}

function vectorOf(text: string, length: number): Float32Array {
  const bytes = createHash("shake256", { outputLength: length * 2 })
    .update(text)
    .digest();
  const raw = Array.from({ length }, (_, at) => bytes.readInt16LE(at * 2) + 0.5);
  const norm = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / norm);
}
