import type { SpentTokens, TokenUsage } from "./chat.ts";
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
      const { promptTokens, completionTokens, cachedTokens, estimated } = reply.body.usage;
      const totalTokens = promptTokens + completionTokens;
      const used = { promptTokens, completionTokens, totalTokens };
      const cost = costOf(prices, model, { ...used, cachedTokens });
      costUsd = costUsd === null || cost === null ? null : costUsd + cost;
      usage.promptTokens += promptTokens;
      usage.completionTokens += completionTokens;
      usage.totalTokens += totalTokens;
      onUsage?.({ ...used, costUsd: cost, model, estimated });
    },
    total: () => ({ usage: { ...usage }, costUsd }),
  };
}
