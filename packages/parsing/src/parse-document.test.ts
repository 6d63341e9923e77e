import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { temporaryDirectory, waitFor } from "@ilgam/testing";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { DocumentType, Page } from "./document.ts";
import { type SampleFile, tableRows, writeLongReport, writeSampleFiles } from "./fixtures/index.ts";
import { type ParseOptions, parseDocument } from "./parse-document.ts";

const directory = await temporaryDirectory("samples");
let files: Record<SampleFile, string>;
// Others parse at the same time.
vi.stubEnv("TMPDIR", directory);
afterAll(() => void vi.unstubAllEnvs());
beforeAll(async () => {
  files = await writeSampleFiles(directory);
}, 60_000);

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const typeOf = (name: string): DocumentType => {
  if (name.endsWith(".pdf")) return "application/pdf";
  if (name.endsWith(".docx")) return word;
  if (name.endsWith(".html")) return "text/html";
  return name.endsWith(".md") ? "text/markdown" : "text/plain";
};

async function parse(name: SampleFile, options: Partial<ParseOptions> = {}) {
  const pages: (Page & { sizes: number[] })[] = [];
  for await (const page of parseDocument({
    path: files[name],
    mediaType: typeOf(name),
    ...options,
  })) {
    const pictures = [...page.images, ...(page.rendered ? [page.rendered] : [])];
    const sizes = await Promise.all(pictures.map(async ({ path }) => (await stat(path)).size));
    pages.push({ ...page, sizes });
  }
  return pages;
}

const parseDirectories = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("ilgam-parse-"));

test("a PDF's pages come in order, with Korean text, tables, images, and scans as pictures", async () => {
  const before = await parseDirectories();
  const pages = await parse("report.pdf");
  expect(pages.map(({ number, pageCount }) => [number, pageCount])).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
  const [first, table, illustrated, scan] = pages;
  expect(first?.text).toContain("봄이 오면 산에 들에 진달래 피네. This page is about spring.");
  for (const cell of tableRows.flat()) expect(table?.text).toContain(cell);
  expect(illustrated).toMatchObject({ images: [{ width: 320, height: 240 }], rendered: null });
  expect(scan).toMatchObject({ text: "", images: [], rendered: { height: 1_754 } });
  for (const size of pages.flatMap(({ sizes }) => sizes)) expect(size).toBeGreaterThan(1_000);
  expect(await parseDirectories()).toEqual(before);
}, 60_000);

test("every page can be drawn, and what is drawn is the page", async () => {
  let drawn = 0;
  for await (const { rendered } of parseDocument({
    ...{ path: files["report.pdf"], mediaType: "application/pdf", render: "all" },
  })) {
    const { channels } = await sharp(rendered?.path ?? "").stats();
    expect(Math.min(...channels.map(({ min }) => min))).toBeLessThan(128);
    drawn += 1;
  }
  expect(drawn).toBe(4);
}, 60_000);

test("a Word document is read with its table in columns and its image", async () => {
  const [page] = await parse("report.docx");
  expect(page?.text).toContain("회의록: 진달래 축제를 준비한다.");
  expect(page?.text).toMatch(/1분기\s+120\s+12/);
  expect(page?.images).toMatchObject([{ width: 200, height: 150 }]);
}, 60_000);

test("texts are read as they stand, HTML without its tags and scripts", async () => {
  expect((await parse("notes.txt"))[0]?.text).toBe("첫째 줄\n둘째 줄\n");
  expect((await parse("notes.md"))[0]?.text).toContain("- 하나");
  const [html] = await parse("page.html");
  expect(html?.text).toContain("본문 & 글");
  expect(html?.text).not.toContain("alert");
}, 60_000);

test.each([
  ["UTF-16", Buffer.from("\uFEFF한글", "utf16le")],
  // "한글" as Korean Windows writes it.
  ["CP949", Buffer.from("c7d1b1db", "hex")],
])("a text in %s is read", async (_, bytes) => {
  const path = join(directory, "encoded.txt");
  await writeFile(path, bytes);
  expect((await parse("notes.txt", { path }))[0]?.text).toBe("한글");
});

test.each([
  ["encrypted.pdf", "encrypted"],
  ["broken.pdf", "corrupt"],
  ["empty.pdf", "corrupt"],
  ["zip.pdf", "corrupt"],
  ["broken.docx", "corrupt"],
] as const)(
  "%s is told to be %s",
  async (name, problem) => {
    await expect(parse(name)).rejects.toMatchObject({ name: "UnreadableDocument", problem });
  },
  30_000,
);

test("a text with ends of line that are no line breaks comes through whole", async () => {
  const path = join(directory, "separators.txt");
  await writeFile(path, "가\u2028나\u2029다");
  expect((await parse("notes.txt", { path }))[0]?.text).toBe("가\u2028나\u2029다");
});

test("a page of HTML behind 17 MB of picture is read to its end", async () => {
  const path = join(directory, "large.html");
  await writeFile(path, `<p>처음</p><img src="data:,${"x".repeat(17_000_000)}"><p>끝</p>`);
  expect((await parse("page.html", { path }))[0]?.text).toMatch(/처음\s+끝/);
}, 60_000);

test("what is damaged inside of a document makes it corrupt too", async () => {
  const path = join(directory, "kids.pdf");
  const pdf = await readFile(files["report.pdf"], "latin1");
  const [kid] = /\/Kids \[(\d+) 0 R/.exec(pdf)?.slice(1) ?? [];
  const broken = pdf.replace(new RegExp(`\\n${kid} 0 obj\\n<<[\\s\\S]*?>>\\nendobj`), (object) =>
    object.replace(/<<[\s\S]*>>/, (body) => "(x)".padEnd(body.length)),
  );
  expect(broken).not.toBe(pdf);
  await writeFile(path, broken, "latin1");
  await expect(parse("report.pdf", { path })).rejects.toMatchObject({ problem: "corrupt" });
}, 60_000);

test("a page is read only when the one before has been used", async () => {
  const pages = parseDocument({
    ...{ path: files["report.pdf"], mediaType: "application/pdf", render: "all" },
  });
  const { value: first } = await pages.next();
  const drawn = async () => (await readdir(dirname(first?.rendered?.path ?? ""))).length;
  // Time enough for the child to draw all four.
  await parse("report.pdf", { render: "all" });
  expect(await drawn()).toBe(1);
  await pages.return();
}, 60_000);

test("the time that a page is used for is none of the child's", async () => {
  const timeoutMs = 4_000;
  const long = join(directory, "very-long.pdf");
  await writeLongReport(long, 300);
  let pages = 0;
  for await (const _ of parseDocument({
    ...{ path: files["report.pdf"], mediaType: "application/pdf", limits: { timeoutMs } },
  })) {
    pages += 1;
    // Held until another document has used up the very same limit by reading.
    if (pages === 1) {
      const reading = parse("report.pdf", { path: long, render: "all", limits: { timeoutMs } });
      await expect(reading).rejects.toMatchObject({ problem: "out_of_time" });
    }
  }
  expect(pages).toBe(4);
}, 60_000);

test("a document with too many pages is refused before any is read", async () => {
  const read = parse("report.pdf", { limits: { maxPages: 3 } });
  await expect(read).rejects.toMatchObject({ problem: "too_many_pages" });
}, 30_000);

test("a child that takes too much memory or time is ended, and says which", async () => {
  const path = join(directory, "long.pdf");
  await writeLongReport(path, 40);
  const starved = parse("report.pdf", { path, render: "all", limits: { memoryMb: 64 } });
  await expect(starved).rejects.toMatchObject({ problem: "out_of_memory" });
  const slow = parse("report.pdf", { path, render: "all", limits: { timeoutMs: 400 } });
  await expect(slow).rejects.toMatchObject({ problem: "out_of_time" });
}, 60_000);

test("an abort ends the child and leaves nothing behind", async () => {
  const before = await parseDirectories();
  const controller = new AbortController();
  const read = (async () => {
    for await (const _ of parseDocument({
      ...{ path: files["report.pdf"], mediaType: "application/pdf", render: "all" },
      signal: controller.signal,
    })) {
      controller.abort(new Error("cancelled"));
    }
  })();
  await expect(read).rejects.toThrow("cancelled");
  await waitFor(async () => (await parseDirectories()).length === before.length, {
    what: "an end",
  });
}, 30_000);
