import { readFile } from "node:fs/promises";
import { createTestDatabase } from "@ilgam/testing";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { SchemaEngine } from "@prisma/schema-engine-wasm";
import { afterAll, expect, test } from "vitest";
import { createPool, type Sql } from "../index.ts";

const path = "prisma/schema.prisma";
const content = await readFile(new URL(`../../../../${path}`, import.meta.url), "utf8");
const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 2 });
afterAll(() => pool.close());

/** The statements by which Prisma would make schema.prisma's tables. */
async function prismaScript(): Promise<string> {
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool.native));
  const datamodels: [string, string][] = [[path, content]];
  const engine = await SchemaEngine.new({ datamodels }, () => undefined, adapter);
  try {
    const { stdout } = await engine.diff({
      ...{ from: { tag: "empty" }, to: { tag: "schemaDatamodel", files: [{ path, content }] } },
      ...{ script: true, exitCode: null, filters: { externalTables: [], externalEnums: [] } },
    });
    return stdout ?? "";
  } finally {
    engine.free();
  }
}

/** One line for each column, key and whole index; the names of the schemas left out. */
async function describe(sql: Sql, schema: string): Promise<string[]> {
  const rows = await sql.query<{ line: string }>(
    `SELECT concat_ws(' ', table_name, column_name, data_type, udt_name, datetime_precision,
       numeric_precision, numeric_scale, is_nullable, column_default) AS line
     FROM information_schema.columns WHERE table_schema = $1
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND indexdef NOT LIKE '% WHERE %'`,
    [schema],
  );
  return rows
    .map(({ line }) => line.replaceAll(`${schema}.`, ""))
    .filter((line) => !/job_history|_prisma_migrations/.test(line))
    .toSorted();
}

test("a migrated database is what schema.prisma says, but for the partial indexes", async () => {
  const script = await prismaScript();
  const wanted = await pool.transaction(async (tx) => {
    await tx.query("CREATE SCHEMA wanted");
    await tx.query("SET LOCAL search_path = wanted");
    await tx.query(script);
    return describe(tx, "wanted");
  });
  expect(wanted.length).toBeGreaterThan(100);
  expect(await describe(pool, "public")).toEqual(wanted);
});
