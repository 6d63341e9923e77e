import type { Pool, Sql } from "@ilgam/db";
import { builtInPrompt, type SystemPrompt } from "./work/prompt.ts";

/** The only system prompt there is, by the name that its clients know. */
export const promptName = "question_explanation";

export type PromptVersion = SystemPrompt & { createdAt: Date };

const versionsShown = 100;

/** What the next explanation is asked by. */
export async function readNewestPrompt(sql: Sql, tenantId: string): Promise<SystemPrompt> {
  const [newest] = await readPromptVersions(sql, tenantId, 1);
  return newest ?? builtInPrompt;
}

/** A tenant's own versions, newest first. */
export function readPromptVersions(
  sql: Sql,
  tenantId: string,
  limit = versionsShown,
): Promise<PromptVersion[]> {
  return sql.query<PromptVersion>(
    `SELECT version, content, created_at AS "createdAt" FROM system_prompts
     WHERE tenant_id = $1 AND name = $2 ORDER BY version DESC LIMIT $3`,
    [tenantId, promptName, limit],
  );
}

/** Makes `content` the newest version; the version that says so already is kept. */
export function writePrompt(pool: Pool, tenantId: string, content: string): Promise<PromptVersion> {
  return pool.transaction(async (tx) => {
    // Two writers at once get two versions, in the order of their turns.
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 20))", [
      `${promptName} ${tenantId}`,
    ]);
    const [newest] = await readPromptVersions(tx, tenantId, 1);
    if (newest?.content === content) return newest;
    const [written] = await tx.query<PromptVersion>(
      `INSERT INTO system_prompts (tenant_id, name, version, content) VALUES ($1, $2, $3, $4)
       RETURNING version, content, created_at AS "createdAt"`,
      [tenantId, promptName, (newest?.version ?? 0) + 1, content],
    );
    return written as PromptVersion;
  });
}
