import { estimateTokens } from "../estimate-tokens.ts";
import { cutText } from "./cut-text.ts";
import { createLearnedSizes } from "./learned-sizes.ts";
import { meanVector, type Part } from "./mean-vector.ts";
import { sizeRefusalOf } from "./size-refusal.ts";

/** One request with all these texts: a vector for each. */
export type Request = (texts: readonly string[]) => Promise<number[][]>;

/**
 * Learns what sizes a service takes. What it has learned it keeps for as long as it lives: another
 * process, and the same one after a restart, learns by refusals of its own.
 */
export function createFitSizes() {
  const learned = createLearnedSizes();

  async function embedParts(text: string, request: Request): Promise<Part[]> {
    const texts = cutText(text, Math.min(learned.longest(), estimateTokens(text)));
    const spoken = texts.filter((part) => part.trim() !== "");
    const parts: Part[] = [];
    while (parts.length === 0 || spoken.length > 0) {
      const some = await embedFirst(spoken, request);
      parts.push(...some.flat());
      spoken.splice(0, some.length);
    }
    return parts;
  }

  /** Asks for fewer and fewer until they are taken, from the first on, so that it ends soon. */
  async function embedFirst(texts: readonly string[], request: Request): Promise<Part[][]> {
    const [first = ""] = texts;
    let count = learned.countOf(texts);
    while (count > 0) {
      const asked = texts.slice(0, count);
      try {
        const vectors = await request(asked);
        learned.taken(asked);
        return vectors.map((vector, at) => [{ vector, tokens: estimateTokens(asked[at] ?? "") }]);
      } catch (error) {
        if (!sizeRefusalOf(error)) throw error;
        if (count === 1) return [await learned.tryShorter(first, error, embedWith(request))];
        count = Math.ceil(count / 2);
        learned.refused(count, error);
      }
    }
    return [await embedParts(first, request)];
  }

  const embedWith = (request: Request) => (text: string) => embedParts(text, request);

  return {
    /**
     * Vectors of the first texts, at least of one: of as many as one request took. A text that is
     * refused alone for its length is embedded in parts, see `meanVector`. A refusal for another
     * reason ends after log2(texts) + 1 requests, with its own error.
     */
    embedSome: async (texts: readonly string[], request: Request): Promise<number[][]> =>
      (await embedFirst(texts, request)).map(meanVector),
  };
}
