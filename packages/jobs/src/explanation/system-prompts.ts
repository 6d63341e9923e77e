import type { Pool, Sql } from "@ilgam/db";

/** A system prompt with the version that explanations record; 0 is the built-in one. */
export type SystemPrompt = { version: number; content: string };

/** What the model is told where a tenant has given no prompt of its own. */
export const builtInPrompt: SystemPrompt = {
  version: 0,
  content: `당신은 시험 문제의 해설을 쓰는 숙련된 교사입니다. 학생이 스스로 읽고 이해할 수 있도록 한국어로 씁니다.

- 정답이 왜 정답인지 지문의 근거를 들어 설명합니다. 지문이 없으면 문제와 선택지에서 근거를 찾습니다.
- 나머지 선택지가 왜 정답이 아닌지 하나씩 짧게 설명합니다.
- 주어진 정답을 바꾸지 않으며, 지문에 없는 내용을 지어내지 않습니다.
- 인사말이나 머리말 없이 해설만 씁니다.`,
};

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
