import type { SpentTokens, TokenUsage } from "./chat.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { costOf, type Prices } from "./prices.ts";
import type { Reply } from "./send-chat.ts";

type SpendingOptions = {
  prices: Prices;
  model: string;
  onUsage: ((spent: SpentTokens) => void) | undefined;
};

/** Sums up what the calls of one request used, and tells `onUsage` of each. */
export function createSpending({ prices, model, onUsage }: SpendingOptions) {
  const usage: TokenUsage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  let costUsd: number | null = 0;
  return {
    add(reply: Reply): void {
      const used = usageOf(reply);
      const cost = costOf(prices, model, used);
      costUsd = costUsd === null || cost === null ? null : costUsd + cost;
      const { promptTokens, completionTokens } = used;
      const totalTokens = promptTokens + completionTokens;
      usage.promptTokens += promptTokens;
      usage.completionTokens += completionTokens;
      usage.totalTokens += totalTokens;
      const estimated = !reply.body.usage;
      onUsage?.({ promptTokens, completionTokens, totalTokens, costUsd: cost, model, estimated });
    },
    total: () => ({ usage: { ...usage }, costUsd }),
  };
}

function usageOf({ body: completion, inputTokens }: Reply) {
  const { usage, choices } = completion;
  if (usage) {
    return {
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      totalTokens: usage.prompt_tokens + usage.completion_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    };
  }
  const texts = choices.map(({ message }) => message.content ?? "");
  const completionTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const totalTokens = inputTokens + completionTokens;
  return { promptTokens: inputTokens, completionTokens, totalTokens, cachedTokens: 0 };
}
