import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@ilgam/testing";
import sharp from "sharp";
import { expect, test } from "vitest";
import { withFields } from "./child/form-fields.ts";
import { writeFilledForm, writeUnembedded } from "./fixtures/forms.ts";
import { countPages, normalizeImage, UnreadableImage } from "./normalize-image.ts";
import { parseDocument } from "./parse-document.ts";

const directory = await temporaryDirectory("everyday");

async function textOf(path: string): Promise<string> {
  const texts: string[] = [];
  for await (const page of parseDocument({ path, mediaType: "application/pdf", render: "none" })) {
    texts.push(page.text);
  }
  return texts.join("\n");
}

test("the values of a filled form stand where they were filled in", async () => {
  const path = join(directory, "form.pdf");
  await writeFilledForm(path);
  expect((await textOf(path)).split("\n").map((line) => line.trim())).toEqual([
    "Name: Hong Gildong",
    "City: Seoul",
    "Member: ☑",
    "Newsletter: ☐",
    "Signed at the end",
  ]);
});

test("a field beside nothing stands between the lines above and below it, or at the end", () => {
  const line = (text: string, y: number) => ({ text, x: 72, y, endsLine: true });
  const pieces = [line("위", 700), line("아래", 500)];
  const field = (text: string, x: number, y: number) => ({ text, x, y, height: 12 });
  expect(withFields(pieces, [field("사이", 72, 600)])).toBe("위\n사이\n아래");
  expect(withFields(pieces, [field("끝", 72, 100)])).toBe("위\n아래\n끝");
  expect(withFields(pieces, [field("앞", 10, 700)])).toBe("앞 위\n아래");
  expect(withFields([], [field("홀로", 72, 600)])).toBe("홀로");
  expect(withFields(pieces, [])).toBe("위\n아래");
});

test("Korean text in a font that the file does not bring is read by the tables of pdf.js", async () => {
  const path = join(directory, "unembedded.pdf");
  await writeUnembedded(path);
  expect(await textOf(path)).toBe("한글 문서");
});

const plain = (background: string, width = 60) =>
  sharp({ create: { width, height: 40, channels: 3, background } })
    .png()
    .toBuffer();

/** The colour in the middle. */
async function colourOf(bytes: Buffer): Promise<number[]> {
  const { data } = await sharp(bytes)
    .resize(1, 1)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}

test("a TIFF of several pages is read page by page, an AVIF like any picture", async () => {
  const pages = await Promise.all(["#ff0000", "#0000ff", "#00ff00"].map((one) => plain(one)));
  const tiff = await sharp(pages, { join: { animated: true } })
    .tiff({ compression: "lzw" })
    .toBuffer();
  expect(await countPages(tiff)).toBe(3);
  const second = await normalizeImage(tiff, { longestSide: 30, page: 2 });
  expect(second).toMatchObject({ mediaType: "image/png", width: 30, height: 20 });
  expect(await colourOf(second.bytes)).toEqual([0, 0, 255]);
  const first = await normalizeImage(tiff, { longestSide: 30 });
  expect(await colourOf(first.bytes)).toEqual([255, 0, 0]);
  await expect(normalizeImage(tiff, { longestSide: 30, page: 4 })).rejects.toBeInstanceOf(
    UnreadableImage,
  );

  const avif = await sharp(await plain("#ff0000"))
    .avif()
    .toBuffer();
  expect(await countPages(avif)).toBe(1);
  const seen = await normalizeImage(avif, { longestSide: 30 });
  expect(seen).toMatchObject({ mediaType: "image/jpeg", width: 30, height: 20 });
  const [red = 0, green = 255] = await colourOf(seen.bytes);
  expect(red).toBeGreaterThan(240);
  expect(green).toBeLessThan(15);
});

test("16 bits a colour and CMYK become what models see; a broken TIFF is refused", async () => {
  const deep = await sharp(await plain("#336699"))
    .toColourspace("rgb16")
    .tiff()
    .toBuffer();
  const colour = await colourOf((await normalizeImage(deep, { longestSide: 60 })).bytes);
  [0x33, 0x66, 0x99].forEach((value, at) => {
    expect(Math.abs((colour[at] ?? 0) - value)).toBeLessThanOrEqual(1);
  });
  const cmyk = await sharp(await plain("#ffffff"))
    .toColourspace("cmyk")
    .tiff()
    .toBuffer();
  const [white = 0] = await colourOf((await normalizeImage(cmyk, { longestSide: 60 })).bytes);
  expect(white).toBeGreaterThan(250);
  const path = join(directory, "half.tiff");
  await writeFile(path, deep.subarray(0, deep.length / 3));
  await expect(normalizeImage(await readFile(path), { longestSide: 60 })).rejects.toBeInstanceOf(
    UnreadableImage,
  );
});
