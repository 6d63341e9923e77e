import { expect, test } from "vitest";
import { modelSettingsOf } from "./model-settings.ts";

test("without settings the model is the client's own, with the document's length and temperature", () => {
  const unset = { EXPLANATION_MODEL: "", EXPLANATION_MAX_TOKENS: "" };
  expect(modelSettingsOf(unset)).toEqual({ model: undefined, maxTokens: 2_000, temperature: 0.7 });
});

test("settings are taken as they are given", () => {
  const given = { EXPLANATION_MODEL: "gpt-4.1", EXPLANATION_MAX_TOKENS: "500" };
  expect(modelSettingsOf({ ...given, EXPLANATION_TEMPERATURE: "0" })).toEqual({
    ...{ model: "gpt-4.1", maxTokens: 500, temperature: 0 },
  });
});

test("a wrong setting is named with what it must be", () => {
  const wrong = { EXPLANATION_MAX_TOKENS: "many", EXPLANATION_TEMPERATURE: "3" };
  expect(() => modelSettingsOf(wrong)).toThrow(
    'EXPLANATION_MAX_TOKENS must be a whole number from 1 to 999999, not "many"\n' +
      'EXPLANATION_TEMPERATURE must be a number from 0 to 2, not "3"',
  );
});
