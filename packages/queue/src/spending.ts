import type { Spending } from "@ilgam/db";

/** What a call spent upstream, as a processor tells it. */
export type Spent = {
  tokens?: number | undefined;
  /** US dollars; null or absent when the tokens have no price. */
  cost?: number | null | undefined;
  model?: string | undefined;
};

// What the attempt's columns hold: more than any attempt spends, so it is a mistake of the kind, and
// must not cost the job its end.
const mostTokens = 2 ** 31 - 1;
const mostCost = 999_999;
const longestModel = 100;

const within = (most: number, value: number) =>
  Number.isNaN(value) ? 0 : Math.min(most, Math.max(0, value));

/** Adds up by model what an attempt spends. */
export function createSpending() {
  const byModel = new Map<string, Spending>();
  return {
    spend({ tokens = 0, cost, model = "" }: Spent): void {
      const name = model.replaceAll("\0", "").slice(0, longestModel).toWellFormed();
      const known = byModel.get(name);
      const sum = known ?? { model: name, tokens: 0, unpricedTokens: 0, cost: 0 };
      const whole = Math.round(within(mostTokens, tokens));
      const unpriced = typeof cost === "number" ? 0 : whole;
      sum.tokens = within(mostTokens, sum.tokens + whole);
      sum.unpricedTokens = within(mostTokens, sum.unpricedTokens + unpriced);
      sum.cost = within(mostCost, sum.cost + within(mostCost, cost ?? 0));
      if (!known) byModel.set(name, sum);
    },
    /** So far; empty when nothing was. */
    spent: (): Spending[] => [...byModel.values()],
  };
}
