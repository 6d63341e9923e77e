import { join } from "node:path";
import { OPS, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import sharp from "sharp";
import { z } from "zod";
import type { ParseTask, Picture } from "../document.ts";

/** pdf.js' own kinds of pixels. */
const Bitmap = z.object({
  width: z.int(),
  height: z.int(),
  kind: z.enum({ gray1: 1, rgb: 2, rgba: 3 }),
  data: z.union([z.instanceof(Uint8Array), z.instanceof(Uint8ClampedArray)]),
});
type Bitmap = z.infer<typeof Bitmap>;

/** The page's images as PNG files, at most `limit`; those that cannot be decoded are left out. */
export async function imagesOnPage(
  page: PDFPageProxy,
  { directory, limits }: ParseTask,
  limit: number,
): Promise<Picture[]> {
  if (limit <= 0) return [];
  const { fnArray, argsArray } = await page.getOperatorList();
  const names = new Set<string>();
  fnArray.forEach((operation, at) => {
    if (operation === OPS.paintImageXObject) names.add(String(argsArray[at]?.[0]));
  });
  const pictures: Picture[] = [];
  for (const name of names) {
    if (pictures.length >= limit) break;
    const bitmap = Bitmap.safeParse(await imageNamed(page, name)).data;
    if (!bitmap || bitmap.width * bitmap.height > limits.maxPixels) continue;
    if (Math.min(bitmap.width, bitmap.height) < limits.minImageSide) continue;
    const path = join(directory, `page-${page.pageNumber}-image-${pictures.length}.png`);
    await sharp(pixelsOf(bitmap), { raw: rawOf(bitmap) })
      .png()
      .toFile(path);
    pictures.push({ path, width: bitmap.width, height: bitmap.height });
  }
  return pictures;
}

function imageNamed(page: PDFPageProxy, name: string): Promise<unknown> {
  // What several pages show belongs to the document.
  const objects = name.startsWith("g_") ? page.commonObjs : page.objs;
  return new Promise((resolve) => objects.get(name, resolve));
}

function rawOf({ width, height, kind }: Bitmap) {
  const channels = { 1: 1, 2: 3, 3: 4 } as const;
  return { width, height, channels: channels[kind] };
}

function pixelsOf({ width, height, kind, data }: Bitmap): Uint8Array | Uint8ClampedArray {
  if (kind !== 1) return data;
  const rowBytes = (width + 7) >> 3;
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const byte = data[row * rowBytes + (column >> 3)] ?? 0;
    return (byte >> (7 - (column & 7))) & 1 ? 255 : 0;
  });
}
