import { join } from "node:path";
import mammoth from "mammoth";
import sharp from "sharp";
import { type Page, type ParseTask, type Picture, UnreadableDocument } from "../document.ts";
import { textOfHtml } from "./read-text.ts";

/** A Word document: its text with tables in columns, and its images. It has no pages of its own. */
export async function* readDocx(task: ParseTask): AsyncGenerator<Page> {
  const images: Picture[] = [];
  const convertImage = mammoth.images.imgElement(async (image) => {
    if (images.length < task.limits.maxImages) {
      const picture = await keepImage(await image.readAsBuffer(), task, images.length);
      if (picture) images.push(picture);
    }
    return { src: "" };
  });
  const { value: html } = await mammoth
    .convertToHtml({ path: task.path }, { convertImage })
    .catch((error: unknown) => {
      throw new UnreadableDocument("corrupt", String(error).slice(0, 200));
    });
  yield { number: 1, pageCount: 1, text: textOfHtml(html), images, rendered: null };
}

/** The image as PNG; undefined for one that is too small, too large or of no use (EMF, broken). */
async function keepImage(
  bytes: Buffer,
  { directory, limits }: ParseTask,
  index: number,
): Promise<Picture | undefined> {
  const path = join(directory, `image-${index}.png`);
  try {
    const image = sharp(bytes, { limitInputPixels: limits.maxPixels });
    const { width, height } = await image.metadata();
    if (Math.min(width, height) < limits.minImageSide) return undefined;
    await image.png().toFile(path);
    return { path, width, height };
  } catch {
    // Left out: the text is of use without it.
    return undefined;
  }
}
