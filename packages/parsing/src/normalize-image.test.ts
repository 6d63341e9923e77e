import { readFile, writeFile } from "node:fs/promises";
import { temporaryDirectory } from "@ilgam/testing";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { type SampleFile, writeSampleFiles } from "./fixtures/index.ts";
import { checkImage, normalizeImage } from "./normalize-image.ts";

const directory = await temporaryDirectory("images");
let files: Record<SampleFile, string>;
beforeAll(async () => {
  files = await writeSampleFiles(directory);
}, 60_000);

test.each([
  ["cmyk.jpg", "image/jpeg", 300, 200],
  ["photo.webp", "image/jpeg", 300, 200],
  ["animated.gif", "image/png", 64, 48],
  ["scanned-table.png", "image/png", 900, 500],
] as const)("%s becomes %s in sRGB", async (name, mediaType, width, height) => {
  const image = await normalizeImage(files[name], { longestSide: 2_048 });
  expect(image).toMatchObject({ mediaType, width, height });
  const { space, pages = 1 } = await sharp(image.bytes).metadata();
  expect({ space, pages }).toEqual({ space: expect.stringMatching(/^(srgb|b-w)$/), pages: 1 });
});

test("an image stands upright by its EXIF orientation, which it then has no more", async () => {
  const { bytes, width, height } = await normalizeImage(files["turned.jpg"], {
    longestSide: 2_048,
  });
  expect({ width, height }).toEqual({ width: 200, height: 300 });
  expect((await sharp(bytes).metadata()).orientation).toBeUndefined();
});

test("a large image is brought down, a small one is left as it is", async () => {
  const table = await normalizeImage(files["scanned-table.png"], { longestSide: 512 });
  expect({ width: table.width, height: table.height }).toEqual({ width: 512, height: 284 });
});

test("a bomb is refused before it is decoded", async () => {
  const before = process.memoryUsage().rss;
  await expect(normalizeImage(files["bomb.png"], { longestSide: 512 })).rejects.toMatchObject({
    problem: "too_many_pixels",
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});

test.each(["program.png", "empty.pdf", "notes.txt"] as const)("%s is no image", async (name) => {
  await expect(normalizeImage(files[name], { longestSide: 512 })).rejects.toMatchObject({
    problem: "corrupt",
  });
});

test("half an image is no image", async () => {
  const bytes = await readFile(files["cmyk.jpg"]);
  const half = normalizeImage(bytes.subarray(0, bytes.length / 2), { longestSide: 512 });
  await expect(half).rejects.toMatchObject({ problem: "corrupt" });
});

test("a look tells a whole image from half of one, a bomb and what is none", async () => {
  for (const name of ["cmyk.jpg", "turned.jpg", "photo.webp", "animated.gif"] as const) {
    await checkImage(files[name], 60_000);
  }
  const half = `${directory}/half.png`;
  const bytes = await readFile(files["scanned-table.png"]);
  await writeFile(half, bytes.subarray(0, bytes.length / 2));
  for (const [path, maxPixels, problem] of [
    [half, 450_000, "corrupt"],
    [files["program.png"], 450_000, "corrupt"],
    [files["bomb.png"], 450_000, "too_many_pixels"],
    [files["scanned-table.png"], 449_999, "too_many_pixels"],
  ] as const) {
    await expect(checkImage(path, maxPixels)).rejects.toMatchObject({ problem });
  }
});
