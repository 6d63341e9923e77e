import type { Sql } from "../connection/sql.ts";

const form = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY "(\w+)" ON "\w+"/;

/** Whether a migration's script builds indexes beside writes; such a one holds nothing else. */
export function buildsConcurrently(script: string): boolean {
  return /\bINDEX\s+CONCURRENTLY\b/i.test(withoutComments(script));
}

/**
 * Builds each index beside the writes that go on, outside of any transaction. What a run that was
 * killed left half built is built again, what it finished is kept.
 * @throws Error for a statement of another form
 */
export async function buildIndexes(sql: Sql, script: string): Promise<void> {
  const statements = withoutComments(script)
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const builds = statements.map((statement) => ({ statement, index: nameIn(statement) }));
  for (const { statement, index } of builds) {
    const [before] = await sql.query<{ isValid: boolean }>(
      `SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass($1)`,
      [`"${index}"`],
    );
    if (before?.isValid) continue;
    if (before) await sql.query(`DROP INDEX CONCURRENTLY "${index}"`);
    await sql.query(statement);
  }
}

function nameIn(statement: string): string {
  const name = form.exec(statement)?.[1];
  if (name !== undefined) return name;
  throw new Error(
    `a migration that builds indexes concurrently holds only CREATE INDEX CONCURRENTLY "name" ON "table" …, not: ${statement.slice(0, 80)}`,
  );
}

const withoutComments = (script: string) => script.replaceAll(/^\s*--.*$/gm, "");
