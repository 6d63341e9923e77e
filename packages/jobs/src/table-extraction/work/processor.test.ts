import { join } from "node:path";
import { GiveUp } from "@ilgam/contracts";
import { tableRows, writeLongReport, writeSampleFiles, writeTiff } from "@ilgam/parsing/fixtures";
import { temporaryDirectory } from "@ilgam/testing";
import { expect, test } from "vitest";
import { contextOf, scriptedAi, startStore } from "../../image-analysis/fixtures/stored-file.ts";
import { TableExtractionPayload } from "../contract.ts";
import { createTableExtractionProcessor } from "./processor.ts";

const store = await startStore();
const directory = await temporaryDirectory("samples");
const samples = await writeSampleFiles(directory);

const [header = [], ...rows] = tableRows;
const columns = header.map((name) => [name]);
const whole = { tables: [{ title: "매출 표", columns, rows }] };
const none = { tables: [] };

async function start(path: string, ai: ReturnType<typeof scriptedAi>, env = {}, more = {}) {
  const process = createTableExtractionProcessor({ ...store, ai, env });
  const payload = TableExtractionPayload.parse({ fileId: await store.save(path), ...more });
  const told = contextOf(payload);
  return { ...told, run: () => process(told.context) };
}

const textOf = (ai: ReturnType<typeof scriptedAi>, at: number) =>
  ai.asked[at]?.messages.at(-1)?.content ?? "";

test("a scanned table is read by one call", async () => {
  const ai = scriptedAi(whole);
  const { run, progress } = await start(samples["scanned-table.png"], ai);
  expect(await run()).toEqual({
    ...{ pageCount: 1, model: "m", provider: "test" },
    tables: [
      {
        ...{ title: "매출 표", page: 1, lastPage: 1, rows },
        columns: header.map((name) => ({ name, path: [name] })),
      },
    ],
  });
  expect(progress).toEqual([10, 30, 80]);
  expect(ai.asked[0]).toMatchObject({ messages: [{}, { images: [{ width: 900 }] }] });
});

test("a document is read page by page, with its text, and told what the page before ended with", async () => {
  const ai = scriptedAi(none, whole, none);
  const { run, progress, tokens } = await start(samples["report.pdf"], ai, {}, { model: "mini" });
  expect(await run()).toMatchObject({ pageCount: 4, tables: [{ page: 2, lastPage: 2 }] });
  expect(progress).toEqual([10, 30, 43, 55, 68, 80]);
  expect(tokens()).toBe(400);
  expect(ai.asked.map(({ model, idempotencyKey }) => [model, idempotencyKey])).toEqual(
    [1, 2, 3, 4].map((page) => ["mini", `job:1:1:page-${page}`]),
  );
  expect(textOf(ai, 1)).toContain("매출 표");
  expect([1, 2, 3].map((page) => textOf(ai, page).includes('["분기"]'))).toEqual([
    ...[false, true, false],
  ]);
});

test("a TIFF of several pages, as scanners write it, is read page by page", async () => {
  const path = join(directory, "scan.tiff");
  await writeTiff(path, 3);
  const ai = scriptedAi(none, whole, none);
  const { run } = await start(path, ai);
  expect(await run()).toMatchObject({ pageCount: 3, tables: [{ page: 2, lastPage: 2, rows }] });
  expect(ai.asked.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
    [1, 2, 3].map((page) => `job:1:1:page-${page}`),
  );
  expect(ai.asked[1]).toMatchObject({ messages: [{}, { images: [{ width: 100, height: 80 }] }] });
});

test("after a crash only the pages that were not read are asked for", async () => {
  const first = scriptedAi(none, whole, new Error("the process died"));
  const { run, context, steps } = await start(samples["report.pdf"], first);
  await expect(run()).rejects.toThrow("died");
  expect([...steps.keys()]).toEqual(["page-1", "page-2"]);
  const second = scriptedAi(none);
  const again = createTableExtractionProcessor({ ...store, ai: second, env: {} });
  expect(await again(context)).toMatchObject({ pageCount: 4, tables: [{ page: 2 }] });
  expect(second.asked.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    ...["job:1:1:page-3", "job:1:1:page-4"],
  ]);
});

test.each([
  ["encrypted.pdf", "document_encrypted"],
  ["broken.pdf", "document_corrupt"],
  ["notes.txt", "file_type"],
  ["bomb.png", "image_too_many_pixels"],
] as const)("%s is given up with a reason, without a call", async (sample, code) => {
  const ai = scriptedAi(none);
  const { run } = await start(samples[sample], ai);
  const failed = run();
  await expect(failed).rejects.toBeInstanceOf(GiveUp);
  await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(/[가-힣]/) });
  expect(ai.asked).toEqual([]);
});

test("a document of too many pages is given up, and the operator says how many are", async () => {
  const path = `${directory}/long.pdf`;
  await writeLongReport(path, 3);
  const ai = scriptedAi(none);
  const { run } = await start(path, ai, { TABLE_EXTRACTION_MAX_PAGES: "2" });
  await expect(run()).rejects.toMatchObject({
    ...{ code: "document_too_many_pages", message: expect.stringContaining("2쪽") },
  });
  expect(ai.asked).toEqual([]);
  const wrong = { ...store, ai, env: { TABLE_EXTRACTION_MAX_PAGES: "0" } };
  expect(() => createTableExtractionProcessor(wrong)).toThrow("TABLE_EXTRACTION_MAX_PAGES");
});
