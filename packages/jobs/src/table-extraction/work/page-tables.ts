import { z } from "zod";
import type { Table } from "../contract.ts";

/*
 * A header cell that is merged over several columns stands in the path of each of them, so that a
 * column is known by its path alone and every row has one cell for each column.
 */
const Path = z.array(z.string()).min(1).max(8);

/** A table as the model reads it from one page. */
const PageTable = z
  .object({
    title: z.string().nullable(),
    columns: z.array(Path).min(1).max(200),
    rows: z.array(z.array(z.string())),
  })
  .superRefine(({ columns, rows }, context) => {
    rows.forEach((row, at) => {
      if (row.length === columns.length) return;
      context.addIssue({
        code: "custom",
        path: ["rows", at],
        message: `this row has ${row.length} cells, but the table has ${columns.length} columns: repeat a merged cell in each column and row that it covers, and write "" for an empty one`,
      });
    });
  });
export const PageTables = z.object({ tables: z.array(PageTable).max(50) });
export type PageTables = z.infer<typeof PageTables>;

/**
 * The tables of all pages in their order. The first table of a page goes on with the last one of the
 * page before when it has the same columns and no title of its own.
 */
export function joinPages(pages: readonly { number: number; tables: PageTables["tables"] }[]) {
  const joined: Table[] = [];
  for (const { number, tables } of pages) {
    for (const [at, found] of tables.entries()) {
      const table = tableOf(found, number);
      const before = joined.at(-1);
      if (at === 0 && before && before.lastPage === number - 1 && goesOn(before, table)) {
        before.rows.push(...table.rows);
        before.lastPage = number;
      } else joined.push(table);
    }
  }
  return joined;
}

function goesOn(before: Table, table: Table): boolean {
  const hasOwnTitle = table.title !== null && table.title !== before.title;
  const columnsOf = ({ columns }: Table) => JSON.stringify(columns.map(({ path }) => path));
  return !hasOwnTitle && columnsOf(before) === columnsOf(table);
}

function tableOf({ title, columns, rows }: PageTables["tables"][number], page: number): Table {
  return {
    title: title?.trim() || null,
    columns: columns.map((cells, at) => {
      const path = pathOf(cells);
      return { name: path.join(" / ") || String(at + 1), path };
    }),
    rows: [...rows],
    ...{ page, lastPage: page },
  };
}

/** Without blank cells; one that is merged downwards stands once. */
function pathOf(cells: string[]): string[] {
  const texts = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  return texts.filter((text, at) => text !== texts[at - 1]);
}
