import { expect, test } from "vitest";
import { imageTokens } from "./image-tokens.ts";

// The three examples of OpenAI's guide.
test.each([
  [1_024, 1_024, "high", 765],
  [2_048, 4_096, "high", 1_105],
  [4_096, 8_192, "low", 85],
  [10, 10, "auto", 255],
] as const)("%i × %i at %s detail counts %i tokens", (width, height, detail, tokens) => {
  const image = { mediaType: "image/png" as const, bytes: new Uint8Array(), width, height, detail };
  expect(imageTokens(image)).toBe(tokens);
});
