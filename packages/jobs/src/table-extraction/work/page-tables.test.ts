import { expect, test } from "vitest";
import { joinPages, PageTables } from "./page-tables.ts";

type Found = PageTables["tables"][number];

const sales: Found = {
  title: "매출",
  columns: [["분기"], ["2026", "매출"], ["2026", "이익"]],
  rows: [["1분기", "120", "12"]],
};
const more: Found = { ...sales, title: null, rows: [["2분기", "135", "18"]] };

const join = (...pages: Found[][]) =>
  joinPages(pages.map((tables, at) => ({ number: at + 1, tables })));

test("a merged header cell stands in the path of each column under it", () => {
  const [table] = join([sales]);
  expect(table?.columns).toEqual([
    { name: "분기", path: ["분기"] },
    { name: "2026 / 매출", path: ["2026", "매출"] },
    { name: "2026 / 이익", path: ["2026", "이익"] },
  ]);
});

test("a header cell that is merged downwards stands once, and a blank one not at all", () => {
  const columns = [["분기", "분기"], ["", " 합계 "], [""]];
  const [table] = join([{ ...sales, columns }]);
  expect(table?.columns.map(({ name }) => name)).toEqual(["분기", "합계", "3"]);
});

test("a table that goes on over pages is one, over as many as it takes", () => {
  const tables = join([sales], [more], [{ ...more, title: "매출" }]);
  expect(tables).toHaveLength(1);
  expect(tables[0]).toMatchObject({ page: 1, lastPage: 3, rows: { length: 3 } });
});

test.each([
  ["a title of its own", [[sales], [{ ...more, title: "비용" }]]],
  ["other columns", [[sales], [{ ...more, columns: [["분기"], ["매출"], ["이익"]] }]]],
  ["a page without tables between", [[sales], [], [more]]],
  ["a table before it on its page", [[sales], [{ ...sales, title: "비용" }, more]]],
] as [string, Found[][]][])("%s makes it another table", (_what, pages) => {
  expect(join(...pages).length).toBe(pages.flat().length);
});

test("joining changes nothing of what was read", () => {
  const read = structuredClone([sales, more]);
  join([read[0] as Found], [read[1] as Found]);
  expect(read).toEqual([sales, more]);
});

test("rows that do not have a cell for each column are refused, and the model is told which", () => {
  const ragged = { ...sales, rows: [["1분기", "120", "12"], ["2분기"]] };
  const read = PageTables.safeParse({ tables: [ragged] });
  expect(read.error?.issues).toMatchObject([
    { path: ["tables", 0, "rows", 1], message: expect.stringContaining("has 1 cells") },
  ]);
});
