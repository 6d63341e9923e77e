import type { Usage } from "@ilgam/contracts";

type Sums = {
  tokens: number | bigint | null;
  unpricedTokens: number | bigint | null;
  cost: number | { toNumber(): number } | null;
};

/** Usage from summed columns; none spent costs 0. */
export function usageOf({ tokens, unpricedTokens, cost }: Sums): Usage {
  const unpriced = Number(unpricedTokens ?? 0);
  const all = Number(tokens ?? 0);
  const costUsd = typeof cost === "number" ? cost : (cost?.toNumber() ?? 0);
  const isPriced = costUsd > 0 || unpriced === 0 || unpriced < all;
  return { tokens: all, unpricedTokens: unpriced, costUsd: isPriced ? costUsd : null };
}

export function sumUsage(parts: readonly Usage[]): Usage {
  const sum = (of: (one: Usage) => number | null) =>
    parts.reduce((total, one) => total + (of(one) ?? 0), 0);
  return usageOf({
    tokens: sum((one) => one.tokens),
    unpricedTokens: sum((one) => one.unpricedTokens),
    // Sums of millionths: nothing below that is meant.
    cost: Math.round(sum((one) => one.costUsd) * 1e6) / 1e6,
  });
}
