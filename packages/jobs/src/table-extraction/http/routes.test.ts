import { readFile } from "node:fs/promises";
import { tableRows, writeSampleFiles } from "@ilgam/parsing/fixtures";
import { temporaryDirectory, waitFor } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { formOf, startSystem } from "../../image-analysis/fixtures/system.ts";

const system = await startSystem({ LEASE_MS: "1500" });
const samples = await writeSampleFiles(await temporaryDirectory("samples"));
const read = async (name: keyof typeof samples) =>
  (await readFile(samples[name])) as Buffer<ArrayBuffer>;
const [picture, report] = [await read("scanned-table.png"), await read("report.pdf")];
let worker: Awaited<ReturnType<typeof system.startWorker>>;
beforeAll(async () => {
  worker = await system.startWorker();
}, 60_000);

async function extract(content: Buffer<ArrayBuffer>, name: string): Promise<string> {
  const body = formOf([[content, name]]);
  return (await system.call("POST", "/background/extract-tables", { body })).body.task_id;
}

const results = (id: string, query = "") => fetch(`${system.url}/background/results/${id}${query}`);

const refusalOf = async (response: Response) =>
  (await response.json()) as { code: string; details: { path: string }[] };

const [header = [], ...rows] = tableRows;
const columns = header.map((name) => [name]);
const merged = [["분기"], ["2026", "매출"], ["2026", "이익"]];

/** What the model says to the next call whose body holds `contains`. */
const scripted = (contains: string, ...answers: object[]) =>
  system.sandbox.fault(
    answers.map((answer) => ({
      match: { contains },
      fault: { type: "completion", content: JSON.stringify(answer) },
    })),
  );

test("merged header cells, pages and titles come out as JSON and as CSV", async () => {
  await scripted("Page 1 of 4", { tables: [{ title: "=매출", columns: merged, rows }] });
  await scripted("Page 2 of 4", {
    tables: [{ title: null, columns: merged, rows: [["3분기", "-7", "=1"]] }],
  });
  await scripted("Page 3 of 4", { tables: [] });
  await scripted("Page 4 of 4", { tables: [{ title: "비용", columns, rows }] });
  const id = await extract(report, "연간 보고서.pdf");
  const { result } = await system.until(id, "completed", "failed");
  expect(result.tables).toMatchObject([
    { title: "=매출", page: 1, lastPage: 2, rows: [...rows, ["3분기", "-7", "=1"]] },
    { title: "비용", page: 4, lastPage: 4 },
  ]);
  expect(result.tables[0].columns[1]).toEqual({ name: "2026 / 매출", path: ["2026", "매출"] });

  const csv = await results(id, "?format=csv&table=1");
  expect(Object.fromEntries(csv.headers)).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": expect.stringContaining(encodeURIComponent("연간 보고서.csv")),
  });
  expect(Buffer.from(await csv.arrayBuffer()).toString()).toBe(
    "\uFEFF분기,2026 / 매출,2026 / 이익\r\n1분기,120,12\r\n2분기,135,18\r\n3분기,-7,'=1\r\n",
  );
  const both = Buffer.from(await (await results(id, "?format=csv")).arrayBuffer()).toString();
  expect(both).toMatch(/^\uFEFF1,'=매출,1\r\n[\s\S]*\r\n\r\n2,비용,4\r\n/);
  const none = await results(id, "?format=csv&table=3");
  expect(await none.json()).toMatchObject({
    details: [{ path: "table", problem: expect.stringContaining("2개") }],
  });
}, 60_000);

test("rows that do not fit the header are sent back to the model once", async () => {
  const ragged = { tables: [{ title: null, columns, rows: [["1분기"]] }] };
  await scripted("Page 1 of 1", ragged, { tables: [{ title: null, columns, rows }] });
  const id = await extract(picture, "표.png");
  const { result } = await system.until(id, "completed", "failed");
  expect(result.tables).toMatchObject([{ rows }]);
  expect(await system.sandbox.callsFor(id)).toBe(2);
}, 60_000);

test("a document whose worker is killed goes on at the page that was not read", async () => {
  await system.sandbox.fault({ match: { contains: "Page 3 of 4" }, fault: { type: "hang" } });
  const id = await extract(report, "보고서.pdf");
  await waitFor(async () => (await system.sandbox.callsFor(id)) === 3, { what: "the third page" });
  await worker.kill("SIGKILL");
  worker = await system.startWorker("worker", { OPENAI_MODEL: "later-model" });
  const ended = await system.until(id, "completed", "failed");
  expect(ended).toMatchObject({ status: "completed" });
  expect(await system.sandbox.callsFor(id)).toBe(5);
  expect(ended.result.model, "of both who read pages").toBe("gpt-4o, later-model");
}, 60_000);

test("an encrypted document fails at once, with the reason and nothing to download", async () => {
  const id = await extract(await read("encrypted.pdf"), "비밀.pdf");
  expect(await system.until(id, "completed", "failed")).toMatchObject({
    ...{ status: "failed", error: expect.stringContaining("암호") },
  });
  const file = await results(id, "?format=csv");
  expect([file.status, (await refusalOf(file)).code]).toEqual([409, "result_not_ready"]);
}, 60_000);

test("there is no CSV of an image's analysis", async () => {
  const body = formOf([[picture, "표.png"]]);
  const made = await system.call("POST", "/background/analyze-image", { body });
  await system.until(made.body.task_id, "completed");
  const file = await results(made.body.task_id, "?format=csv");
  expect([file.status, (await refusalOf(file)).details[0]?.path]).toEqual([422, "format"]);
}, 60_000);
