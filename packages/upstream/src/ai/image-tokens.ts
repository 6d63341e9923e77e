import type { ChatImage } from "./chat.ts";

const perImage = 85;
const perTile = 170;

/**
 * About how many tokens an image counts as input, as OpenAI describes it for gpt-4o: fitted into
 * 2,048 by 2,048 pixels, its shorter side brought down to 768, then counted in tiles of 512. The pace
 * learns what other models count.
 */
export function imageTokens({ width, height, detail }: ChatImage): number {
  if (detail === "low") return perImage;
  const fitted = Math.min(1, 2_048 / Math.max(width, height));
  const scale = fitted * Math.min(1, 768 / (Math.min(width, height) * fitted));
  const tiles = Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
  return perImage + perTile * tiles;
}
