import { z } from "zod";

const ImageEnv = z.object({
  IMAGE_MAX_PIXELS: z.coerce.number().int().min(1).max(268_000_000).default(50_000_000),
});

/** Most pixels of an image that comes in, by `IMAGE_MAX_PIXELS`. @throws Error when it is wrong */
export function maxPixelsOf(env: Record<string, string | undefined>): number {
  const { IMAGE_MAX_PIXELS: given } = env;
  const parsed = ImageEnv.safeParse(given ? { IMAGE_MAX_PIXELS: given } : {});
  if (parsed.success) return parsed.data.IMAGE_MAX_PIXELS;
  throw new Error("IMAGE_MAX_PIXELS must be a whole number from 1 to 268000000");
}
