import { access } from "node:fs/promises";
import sharp from "sharp";

/** Media types that can be normalised. */
export const imageTypes = [
  ...["image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/avif"],
] as const;

export type ImageProblem = "corrupt" | "too_many_pixels";

/** An image that cannot be read, however often it is tried. */
export class UnreadableImage extends Error {
  readonly problem: ImageProblem;
  constructor(problem: ImageProblem, options?: { cause?: unknown }) {
    super(`the image is unreadable: ${problem}`, options);
    this.name = "UnreadableImage";
    this.problem = problem;
  }
}

export type NormalImage = {
  mediaType: "image/png" | "image/jpeg";
  bytes: Buffer;
  width: number;
  height: number;
};

export type NormalizeOptions = {
  /** Longest side of the result, pixels; smaller images stay as they are. */
  longestSide: number;
  /** Of the file; more are refused before they are decoded. Default 50,000,000. */
  maxPixels?: number;
  /** Of a TIFF with several, from 1. Default 1. */
  page?: number;
};

/** A JPEG of more bytes than this is smaller than a PNG worth keeping. */
const largestPng = 1_500_000;

/**
 * An image as models are to see it: upright by its EXIF orientation, sRGB, of an animation the first
 * frame, of a TIFF the page asked for, at most so large. Lines and letters stay PNG unless that gets large; the rest is JPEG.
 * @param file its path or its bytes
 * @throws UnreadableImage
 */
export async function normalizeImage(
  file: string | Buffer,
  { longestSide, maxPixels = 50_000_000, page = 1 }: NormalizeOptions,
): Promise<NormalImage> {
  const source = await sourceOf(file, maxPixels, page);
  try {
    const { format } = await source.metadata();
    const upright = source
      .autoOrient()
      .resize({ width: longestSide, height: longestSide, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb");
    if (format === "png" || format === "gif" || format === "tiff") {
      const { data, info } = await upright.clone().png().toBuffer({ resolveWithObject: true });
      if (data.length <= largestPng) return imageOf("image/png", data, info);
    }
    const { data, info } = await upright
      .flatten({ background: "white" })
      .jpeg({ quality: 85, mozjpeg: false })
      .toBuffer({ resolveWithObject: true });
    return imageOf("image/jpeg", data, info);
  } catch (cause) {
    throw unreadable(cause);
  }
}

/**
 * Reads an image through, in little memory, to see that it is whole and not too large.
 * @throws UnreadableImage
 */
export async function checkImage(path: string, maxPixels: number): Promise<void> {
  const source = await sourceOf(path, maxPixels);
  try {
    await source.resize(8, 8, { fit: "fill" }).raw().toBuffer();
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** How many pages a picture has: of a TIFF all, of an animation one. @throws UnreadableImage */
export async function countPages(file: string | Buffer): Promise<number> {
  const source = await sourceOf(file, 50_000_000);
  try {
    const { format, pages = 1 } = await source.metadata();
    return format === "tiff" ? pages : 1;
  } catch (cause) {
    throw unreadable(cause);
  }
}

async function sourceOf(file: string | Buffer, maxPixels: number, page = 1) {
  // A file that is not there, or cannot be opened now, is no broken image.
  if (typeof file === "string") await access(file);
  return sharp(file, {
    ...{ limitInputPixels: maxPixels, failOn: "truncated", animated: false },
    ...(page > 1 && { page: page - 1 }),
  });
}

function unreadable(cause: unknown): UnreadableImage {
  const isTooLarge = cause instanceof Error && /pixel limit/i.test(cause.message);
  return new UnreadableImage(isTooLarge ? "too_many_pixels" : "corrupt", { cause });
}

function imageOf(
  mediaType: NormalImage["mediaType"],
  bytes: Buffer,
  { width, height }: { width: number; height: number },
): NormalImage {
  return { mediaType, bytes, width, height };
}
