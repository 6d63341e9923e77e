import { ApiError } from "@ilgam/contracts";
import { newId, type Sql } from "@ilgam/db";
import type { NewPassageSet } from "./schemas.ts";

export type PassageSet = Required<NewPassageSet> & { questionCount: number; createdAt: Date };

const columns = `id, title, passage_content AS "passageContent",
  passage_comment AS "passageComment", subject, level, question_count AS "questionCount",
  created_at AS "createdAt"`;

/** @throws ApiError set_exists */
export async function createSet(
  sql: Sql,
  tenantId: string,
  { id = newId(), ...set }: NewPassageSet,
): Promise<PassageSet> {
  const { title, passageContent, passageComment, subject, level } = set;
  const [created] = await sql.query<PassageSet>(
    `INSERT INTO passage_sets (tenant_id, id, title, passage_content, passage_comment, subject, level)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [tenantId, id, title, passageContent, passageComment, subject, level],
  );
  if (!created) throw new ApiError("set_exists", { values: { id } });
  return created;
}

/** @throws ApiError set_not_found */
export async function readSet(sql: Sql, tenantId: string, id: string): Promise<PassageSet> {
  const [set] = await sql.query<PassageSet>(
    `SELECT ${columns} FROM passage_sets WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  if (!set) throw new ApiError("set_not_found");
  return set;
}

/** A tenant's sets, newest first: a page, or without a limit all; `nextCursor` is the id to go on after. */
export async function listSets(
  sql: Sql,
  tenantId: string,
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ sets: PassageSet[]; nextCursor: string | null }> {
  const rows = await sql.query<PassageSet>(
    `SELECT ${columns} FROM passage_sets WHERE tenant_id = $1
       AND ($3::text IS NULL OR (created_at, id) <
         (SELECT created_at, id FROM passage_sets WHERE tenant_id = $1 AND id = $3))
     ORDER BY created_at DESC, id DESC LIMIT $2`,
    [tenantId, limit === undefined ? null : limit + 1, cursor],
  );
  const sets = rows.slice(0, limit);
  return { sets, nextCursor: rows.length > sets.length ? (sets.at(-1)?.id ?? null) : null };
}
