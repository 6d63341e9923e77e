import { z } from "zod";
import type { TokenUsage } from "./chat.ts";

const Price = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  /** Of input that the service had in its cache; default `input`. */
  cachedInput: z.number().min(0).optional(),
});

/** US dollars for a million tokens, by model. */
export type Prices = Record<string, z.infer<typeof Price>>;

/**
 * OpenAI's list prices (standard tier, USD for 1M tokens), from several reprints of
 * https://developers.openai.com/api/docs/pricing of March to November 2026. Prices change: what an
 * installation pays belongs into AI_PRICES.
 */
export const listPrices: Prices = {
  "gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10 },
  "gpt-4o-mini": { input: 0.15, cachedInput: 0.075, output: 0.6 },
  "gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
  "gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
  "gpt-4.1-nano": { input: 0.1, cachedInput: 0.025, output: 0.4 },
  "gpt-5": { input: 1.25, cachedInput: 0.125, output: 10 },
  "gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
  "gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },
  "text-embedding-3-small": { input: 0.02, output: 0 },
  "text-embedding-3-large": { input: 0.13, output: 0 },
  o3: { input: 2, cachedInput: 0.5, output: 8 },
  "o3-mini": { input: 1.1, cachedInput: 0.55, output: 4.4 },
  "o4-mini": { input: 1.1, cachedInput: 0.275, output: 4.4 },
};

/** `AI_PRICES`: the list prices, those given in JSON put over them; empty: the list prices. */
export const PricesFromJson = z.string().transform((text, context): Prices => {
  if (text.trim() === "") return listPrices;
  const example = '{"gpt-4o":{"input":2.5,"output":10}}, US dollars for 1M tokens';
  try {
    const given = z.record(z.string().min(1), Price).safeParse(JSON.parse(text));
    if (given.success) return { ...listPrices, ...given.data };
  } catch {
    // Not JSON: the same sentence helps.
  }
  context.addIssue({ code: "custom", message: `must look like ${example}` });
  return z.NEVER;
});

/**
 * US dollars for what a call used; null for a model without a price. A dated name
 * (`gpt-4o-2024-08-06`) costs what its model does.
 */
export function costOf(
  prices: Prices,
  model: string,
  usage: TokenUsage & { cachedTokens: number },
): number | null {
  const undated = model.replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const name = [model, undated].find((one) => Object.hasOwn(prices, one));
  const price = name === undefined ? undefined : prices[name];
  if (!price) return null;
  const { cachedInput = price.input } = price;
  const cached = Math.min(usage.cachedTokens, usage.promptTokens);
  const fresh = usage.promptTokens - cached;
  return (fresh * price.input + cached * cachedInput + usage.completionTokens * price.output) / 1e6;
}
