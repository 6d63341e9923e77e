import { z } from "zod";
import { estimateTokens } from "../estimate-tokens.ts";

/** What is no number counts as missing: a paid answer is worth more than its bill. */
const count = z.number().min(0).transform(Math.round).nullish().catch(undefined);

/** Tokens as compatible servers count them, or do not. */
export const UsageBody = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    input_tokens: count,
    output_tokens: count,
    prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);

export type Usage = {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** The service left one of them uncounted: it is an estimate. */
  estimated: boolean;
};

/**
 * What an answer used: by the service's count where it has one, else by our own. Nothing has no input,
 * and what was written is not nothing, so that zeros are no count either. Reasoning that only
 * `total_tokens` knows of is output, as it is billed.
 * @param own what was sent, as an estimate, and all that was written.
 */
export function countUsage(
  body: z.infer<typeof UsageBody>,
  own: { inputTokens: number; written: string },
): Usage {
  const prompt = body?.prompt_tokens || body?.input_tokens || undefined;
  const beyond = prompt && body?.total_tokens ? body.total_tokens - prompt : 0;
  const counted = Math.max(body?.completion_tokens ?? body?.output_tokens ?? 0, beyond);
  const isUncounted = counted === 0 && own.written !== "";
  return {
    promptTokens: prompt ?? own.inputTokens,
    completionTokens: isUncounted ? estimateTokens(own.written) : counted,
    cachedTokens: body?.prompt_tokens_details?.cached_tokens ?? 0,
    estimated: prompt === undefined || isUncounted,
  };
}
