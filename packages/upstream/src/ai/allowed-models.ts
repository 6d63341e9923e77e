import { PricesFromJson } from "./prices.ts";

/** Settings that name a model; `OPENAI_MODEL` and `EMBEDDING_MODEL` have these defaults. */
const configured = {
  OPENAI_MODEL: "gpt-4o",
  EMBEDDING_MODEL: "text-embedding-3-small",
  EXPLANATION_MODEL: undefined,
};

/**
 * The models that a request may name: `AI_MODELS` (separated by commas), by default those with a price
 * and those that the settings name. An `AI_PRICES` that cannot be read stops the workers; here it adds
 * nothing.
 */
export function allowedModels(env: Record<string, string | undefined>): string[] {
  const listed = (env.AI_MODELS ?? "").split(",").map((name) => name.trim());
  const given = listed.filter((name) => name !== "");
  if (given.length > 0) return [...new Set(given)];
  const prices = PricesFromJson.safeParse(env.AI_PRICES ?? "").data ?? {};
  const own = Object.entries(configured).flatMap(([name, value]) => env[name] || value || []);
  return [...new Set([...own, ...Object.keys(prices)])];
}

/** A dated name (`gpt-4o-2024-08-06`) is allowed where its model is. */
export function isAllowedModel(allowed: readonly string[], model: string): boolean {
  return allowed.includes(model) || allowed.includes(model.replace(/-\d{4}-\d{2}-\d{2}$/, ""));
}
