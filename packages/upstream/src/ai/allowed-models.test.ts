import { expect, test } from "vitest";
import { allowedModels, isAllowedModel } from "./allowed-models.ts";

test("by default a request may name what has a price and what the settings name", () => {
  const names = allowedModels({
    OPENAI_MODEL: "qwen3",
    AI_PRICES: '{"own":{"input":1,"output":1}}',
  });
  expect(names).toEqual(expect.arrayContaining(["qwen3", "own", "gpt-4o-mini"]));
  expect(isAllowedModel(names, "gpt-4o-2024-08-06")).toBe(true);
  expect(isAllowedModel(names, "gpt-99")).toBe(false);
  expect(allowedModels({})).toContain("gpt-4o");
});

test("an operator's list is the whole of it", () => {
  expect(allowedModels({ AI_MODELS: " a, b ,,a ", OPENAI_MODEL: "c" })).toEqual(["a", "b"]);
});
