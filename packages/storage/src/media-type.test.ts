import { writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryDirectory } from "@ilgam/testing";
import { expect, test } from "vitest";
import { mediaTypeOf } from "./media-type.ts";

const dir = await temporaryDirectory("types");

async function typeOf(content: Buffer | string, name: string): Promise<string> {
  const file = path.join(dir, "content");
  await writeFile(file, content);
  return mediaTypeOf(file, name);
}

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
// "한글" in CP949.
const cp949 = Buffer.from("c7d1b1db0a", "hex");
const unknown = "application/octet-stream";

const cases: [string, Buffer | string, string, string][] = [
  ["a picture whatever its name", png, "notes.txt", "image/png"],
  [
    "a program named as a picture",
    Buffer.from(`MZ${"\u0001".repeat(99)}`),
    "a.png",
    "application/x-msdownload",
  ],
  ["zeros", Buffer.alloc(5_000), "a.txt", unknown],
  ["an archive named as a text", gzipSync("x"), "a.txt", "application/gzip"],
  ["a text", "안녕\n", "a", "text/plain"],
  ["a text named as a picture", "안녕\n", "a.png", "text/plain"],
  ["a text that begins as a bitmap does", "BMW,판매\n", "a.csv", "text/csv"],
  ["a text that begins as a program does", "MZ세대 보고서\n", "a.txt", "text/plain"],
  ["a text that begins as a recording does", "ID3 tags\n", "a.txt", "text/plain"],
  ["a text in CP949", cp949, "a.txt", "text/plain"],
  ["Markdown by its name", "# 안녕\n", "README.MD", "text/markdown"],
  ["a table by its name", "a,b\n", "a.csv", "text/csv"],
  ["a page by its content", "\ufeff<!DOCTYPE html><p>", "a.txt", "text/html"],
  ["a page that begins as XML", '<?xml version="1.0"?><html></html>', "a.html", "text/html"],
  ["half a character at the end", Buffer.from("한").subarray(0, 1), "a.txt", unknown],
];
test.each(cases)("%s", async (_, content, name, type) => {
  expect(await typeOf(content, name)).toBe(type);
});

test("a text stays one wherever its characters are cut by the reading", async () => {
  for (const shift of [0, 1, 2, 3]) {
    const text = `${"x".repeat(shift)}${"한글😀".repeat(20_000)}`;
    expect(await typeOf(text, "a.txt")).toBe("text/plain");
    const old = Buffer.concat([
      Buffer.from("x".repeat(shift)),
      ...Array.from({ length: 30_000 }, () => cp949.subarray(0, 4)),
    ]);
    expect(await typeOf(old, "a.txt")).toBe("text/plain");
  }
});

test("one control character far into a text makes it none", async () => {
  expect(await typeOf(`${"가".repeat(60_000)}\u0000`, "a.txt")).toBe(unknown);
});
