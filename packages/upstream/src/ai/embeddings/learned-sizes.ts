import { estimateTokens } from "../estimate-tokens.ts";
import { mayBeLength, sizeRefusalOf } from "./size-refusal.ts";

/** OpenAI's limits of one request. */
const most = { inputs: 2_048, tokens: 300_000 };

/** A text of fewer tokens is not cut: what refuses it is not its length. */
const shortest = 32;

/** What one service was seen to take and to refuse. Tokens are by our estimate. */
export function createLearnedSizes() {
  /** Of a request: what halving has come to, and how much of that the service's words confirm. */
  let inputs = most.inputs;
  let sure = most.inputs;
  /** The longest text that was taken, and the shortest that was refused alone. */
  let taken = 0;
  let refused = Number.POSITIVE_INFINITY;

  /** Texts of so many tokens are not sent whole. An estimate may be off: what was taken counts more. */
  const longest = () => Math.max(refused, taken + 1);

  return {
    longest,
    /** How many of the first texts go into one request: none when the first is too long. */
    countOf(texts: readonly string[]): number {
      let tokens = 0;
      const stop = texts.findIndex((text, at) => {
        const own = estimateTokens(text);
        tokens += own;
        return own >= longest() || (at > 0 && tokens > most.tokens) || at >= inputs;
      });
      return stop === -1 ? texts.length : stop;
    },
    taken(texts: readonly string[]): void {
      taken = Math.max(taken, ...texts.map(estimateTokens));
    },
    /** A request of several texts was refused with `error`; `half` of them are asked next. */
    refused(half: number, error: unknown): void {
      const refusal = sizeRefusalOf(error);
      // Of one long text the number is not to blame.
      if (refusal !== "length") inputs = half;
      if (refusal === "inputs") sure = half;
    },
    /**
     * One text alone was refused with `error`: what `embedParts` makes of it. Throws the error when
     * its length is not to blame, also when that shows by parts that are refused as well.
     */
    async tryShorter<T>(
      text: string,
      error: unknown,
      embedParts: (text: string) => Promise<T>,
    ): Promise<T> {
      inputs = sure;
      const own = estimateTokens(text);
      if (!mayBeLength(error) || own < shortest) throw error;
      const before = refused;
      refused = Math.min(refused, own);
      try {
        return await embedParts(text);
      } catch (failure) {
        if (sizeRefusalOf(failure)) refused = before;
        throw failure;
      }
    },
  };
}
