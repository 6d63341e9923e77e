import { expect, test } from "vitest";
import { cleanText } from "../clean-text.ts";
import { type Chunk, type ChunkOptions, chunkPages } from "./chunk-pages.ts";
import { loadTokenCounter } from "./count-tokens.ts";

const countTokens = await loadTokenCounter();
const options: ChunkOptions = { chunkTokens: 500, overlapTokens: 50, countTokens };

function chunksOf(pages: string[], more: Partial<ChunkOptions> = {}): Chunk[] {
  const numbered = pages.map((text, index) => ({ number: index + 1, text }));
  return [...chunkPages(numbered, { ...options, ...more })];
}

/** The longest text that ends `before` and begins `after`. */
function overlapOf(before: string, after: string): string {
  for (let length = Math.min(before.length, after.length); length > 0; length -= 1) {
    if (before.endsWith(after.slice(0, length))) return after.slice(0, length);
  }
  return "";
}

/** The chunks joined without what they repeat, and without white space. */
function joined(chunks: Chunk[]): string {
  const parts = chunks.map(({ content }, at) => {
    const before = chunks[at - 1];
    return before ? content.slice(overlapOf(before.content, content).length) : content;
  });
  return parts.join("").replace(/\s/g, "");
}

const sentences = (from: number, count: number) =>
  Array.from(
    { length: count },
    (_, at) => `${from + at}번째 문장은 백성을 가르치는 바른 소리를 다룬다.`,
  ).join(" ");

test("nothing is lost, no chunk is too large, and each says where it comes from", () => {
  const pages = Array.from({ length: 9 }, (_, page) => sentences(page * 60, 60));
  const chunks = chunksOf(pages);
  expect(chunks.length).toBeGreaterThan(20);
  expect(joined(chunks)).toBe(pages.join("").replace(/\s/g, ""));
  for (const [at, { position, content, tokens, pageFrom, pageTo }] of chunks.entries()) {
    expect(position).toBe(at);
    expect(countTokens(content)).toBeLessThanOrEqual(500);
    expect(Math.abs(countTokens(content) - tokens)).toBeLessThanOrEqual(3);
    const numbers = [...content.matchAll(/(\d+)번째/g)].map(([, number]) => Number(number));
    for (const number of numbers.slice(1, -1)) {
      expect(Math.floor(number / 60) + 1).toBeGreaterThanOrEqual(pageFrom);
      expect(Math.floor(number / 60) + 1).toBeLessThanOrEqual(pageTo);
    }
  }
  expect(chunks[0]?.pageFrom).toBe(1);
  expect(chunks.at(-1)?.pageTo).toBe(9);
});

test("a chunk begins with the end of the one before: as many whole words as fit the overlap", () => {
  const chunks = chunksOf([sentences(0, 300)]);
  for (const [at, { content }] of chunks.entries()) {
    const before = chunks[at - 1];
    if (!before) continue;
    const overlap = overlapOf(before.content, content);
    expect(countTokens(overlap)).toBeLessThanOrEqual(50);
    // The word before it would have been too much.
    expect(countTokens(overlap)).toBeGreaterThan(35);
  }
  expect(chunks.length).toBeGreaterThan(5);
  const apart = chunksOf([sentences(0, 300)], { overlapTokens: 0 });
  expect(apart.map(({ content }) => content).join(" ")).toBe(sentences(0, 300));
});

test.each([
  ["a paragraph", "\n\n", /P$/],
  ["a Korean sentence", ". 이어서 쓴 다음 말이다. ", /\.$/],
])("it ends with %s where one ends in its second half", (_, border, ending) => {
  const text = Array.from({ length: 40 }, () => `${"낱말 ".repeat(60)}P${border}`).join("");
  for (const { content } of chunksOf([text], { overlapTokens: 0 }).slice(0, -1)) {
    expect(content).toMatch(ending);
  }
});

test("a number with a point in it is no end of a sentence", () => {
  const text = "값 3.14 ".repeat(600);
  for (const { content } of chunksOf([text], { overlapTokens: 0 })) {
    expect(content).not.toMatch(/3\.?$/);
  }
});

test("one word without end is cut, between characters", () => {
  const long = ["a".repeat(40_000), "가".repeat(20_000), `!${"😀🏽".repeat(5_000)}`];
  for (const word of [...long, `a${"𠮷".repeat(9_000)}`]) {
    const chunks = chunksOf([word]);
    expect(chunks.length).toBeGreaterThan(1);
    for (const { content } of chunks) {
      expect(content.isWellFormed()).toBe(true);
      expect(countTokens(content)).toBeLessThanOrEqual(500);
    }
    const apart = chunksOf([word], { overlapTokens: 0 });
    expect(apart.map(({ content }) => content).join("")).toBe(word);
  }
});

test("no text gives no chunks, and a short one a single chunk", () => {
  expect(chunksOf([])).toEqual([]);
  expect(chunksOf(["", "", ""])).toEqual([]);
  expect(chunksOf(["   \n  "])).toEqual([]);
  expect(chunksOf(["", "짧은 글.", ""])).toEqual([
    { position: 0, pageFrom: 2, pageTo: 2, content: "짧은 글.", tokens: countTokens("짧은 글.") },
  ]);
});

test("what looks like a model's control token is text", () => {
  const [chunk] = chunksOf(["<|endoftext|> 뒤의 글 <|im_start|>"]);
  expect(chunk?.content).toBe("<|endoftext|> 뒤의 글 <|im_start|>");
});

test("stored text is free of what Postgres refuses and of white space that only fills", () => {
  expect(cleanText("a\0b\ud800c\r\n\r\n\r\n\r\nd \t \u00a0   e\u2028f  \n")).toBe(
    "ab\ufffdc\n\nd    e\nf",
  );
});

test("a million blanks are cleaned in one go", () => {
  expect(cleanText(`a${" ".repeat(1_000_000)}b`)).toBe("a    b");
});
