import { expect, test } from "vitest";
import type { Chunk } from "./chunk-pages.ts";
import { chunksFromChild } from "./chunks-from-child.ts";

const task = (text: string) => ({
  ...{ chunkTokens: 200, overlapTokens: 0 },
  pages: [{ number: 1, text }],
});
const long = Array.from({ length: 4_000 }, (_, at) => `${at}번째 문장이다.`).join(" ");

async function all(text: string): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const { signal } = new AbortController();
  for await (const piece of chunksFromChild(task(text), signal)) chunks.push(...piece);
  return chunks;
}

test("every chunk comes, in its order, and of no text none", async () => {
  const chunks = await all(long);
  expect(chunks.length).toBeGreaterThan(100);
  expect(chunks.map(({ position }) => position)).toEqual(chunks.map((_, at) => at));
  expect(chunks.map(({ content }) => content).join(" ")).toBe(long);
  expect(await all("")).toEqual([]);
});

test("an abort ends it with the signal's reason", async () => {
  const controller = new AbortController();
  const pieces = chunksFromChild(task(long), controller.signal);
  await pieces.next();
  controller.abort(new Error("stopped"));
  const rest = async () => {
    for await (const _ of pieces);
  };
  await expect(rest()).rejects.toThrow("stopped");
});
