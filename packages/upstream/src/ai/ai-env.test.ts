import { describe, expect, test } from "vitest";
import { AiEnv, aiOptionsOf } from "./ai-env.ts";
import { costOf, listPrices } from "./prices.ts";

const used = { promptTokens: 1_000_000, completionTokens: 100_000, totalTokens: 1_100_000 };

describe("settings", () => {
  test("nothing set is OpenAI's gpt-4o without limits of our own", () => {
    expect(aiOptionsOf(AiEnv.parse({}))).toMatchObject({
      baseUrl: "https://api.openai.com/v1",
      model: "gpt-4o",
      timeoutMs: 60_000,
      policy: { intervalMs: 0 },
    });
    expect(aiOptionsOf(AiEnv.parse({})).policy).not.toHaveProperty("tokensPerMinute");
  });

  test("limits are per minute, of requests, tokens and calls at once", () => {
    const env = { OPENAI_RPM: "600", OPENAI_TPM: "30000", OPENAI_MAX_CONCURRENCY: "8" };
    expect(aiOptionsOf(AiEnv.parse(env)).policy).toMatchObject({
      intervalMs: 100,
      tokensPerMinute: 29_790,
      tokenCeiling: 29_910,
      maxConcurrency: 8,
    });
  });

  test.each([
    ["OPENAI_BASE_URL", "ftp://x"],
    ["OPENAI_RPM", "0"],
    ["OPENAI_TPM", "many"],
    ["OPENAI_TIMEOUT_MS", "-1"],
    ["AI_PRICES", "{"],
    ["AI_PRICES", '{"gpt-4o":{"input":"2"}}'],
    ["AI_PRICES", '{"gpt-4o":{"input":2,"output":-1}}'],
  ])("%s=%s is refused by name", (name, value) => {
    const { error } = AiEnv.safeParse({ [name]: value });
    expect(error?.issues[0]?.path).toEqual([name]);
  });
});

describe("a cost", () => {
  test("is by the list price, cached input apart, of a dated model too", () => {
    expect(costOf(listPrices, "gpt-4o", { ...used, cachedTokens: 0 })).toBeCloseTo(3.5);
    const cached = { ...used, cachedTokens: 400_000 };
    expect(costOf(listPrices, "gpt-4o-2024-08-06", cached)).toBeCloseTo(1.5 + 0.5 + 1);
  });

  test("is null for a model without a price", () => {
    expect(costOf(listPrices, "own-model", { ...used, cachedTokens: 0 })).toBeNull();
    expect(costOf(listPrices, "constructor", { ...used, cachedTokens: 0 })).toBeNull();
  });

  test("is by AI_PRICES where it names the model", () => {
    const prices = AiEnv.parse({ AI_PRICES: '{"own-model":{"input":1,"output":5}}' }).AI_PRICES;
    expect(costOf(prices, "own-model", { ...used, cachedTokens: 1 })).toBeCloseTo(1.5);
    expect(costOf(prices, "gpt-4o", { ...used, cachedTokens: 0 })).toBeCloseTo(3.5);
  });
});
