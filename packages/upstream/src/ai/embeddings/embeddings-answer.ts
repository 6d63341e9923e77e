import { z } from "zod";
import { sentence } from "../../sentences.ts";
import { UpstreamError } from "../../upstream-error.ts";

const Body = z.object({
  model: z.string().nullish(),
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.number() }).nullish(),
});
export type Body = z.infer<typeof Body>;

/** @throws UpstreamError `malformed` */
export function readEmbeddings(text: string) {
  try {
    const body = Body.parse(JSON.parse(text));
    return { body, usedTokens: body.usage?.prompt_tokens };
  } catch (error) {
    throw malformed(error);
  }
}

/**
 * The vectors in the order of the `count` texts; services may answer in another.
 * @throws UpstreamError `malformed` when they are not one for each, all of one length
 */
export function vectorsOf({ data }: Body, count: number): number[][] {
  const vectors = new Array<number[] | undefined>(count).fill(undefined);
  for (const { index, embedding } of data) vectors[index] = embedding;
  const [first] = vectors;
  const complete = vectors.filter((vector) => vector && vector.length === first?.length);
  if (data.length === count && vectors.length === count && complete.length === count) {
    return complete as number[][];
  }
  throw malformed(new Error(`${data.length} vectors for ${count} texts, or of several lengths`));
}

export function malformed(cause: unknown): UpstreamError {
  return new UpstreamError("malformed", sentence("ai_malformed"), { cause });
}
