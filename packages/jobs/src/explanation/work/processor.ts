import { GiveUp, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { AiClient } from "@ilgam/upstream";
import type { JobContext } from "../../handling/job-context.ts";
import type { ExplanationPayload, ExplanationResult, Question } from "../contract.ts";
import { readNewestPrompt } from "../system-prompts.ts";
import { modelSettingsOf } from "./model-settings.ts";
import { messagesOf } from "./prompt.ts";

type Context = JobContext<ExplanationPayload>;

/**
 * Explains one question by one call: as question and prompt stand when the attempt begins.
 * @throws Error at creation when a setting is wrong
 */
export function createExplanationProcessor(deps: {
  sql: Sql;
  ai: Pick<AiClient, "chat">;
  env: Record<string, string | undefined>;
}): (context: Context) => Promise<ExplanationResult> {
  const { model, maxTokens, temperature } = modelSettingsOf(deps.env);
  return async (context) => {
    const { signal, idempotencyKey, progress, spend } = context;
    const { question, revision } = await questionOf(deps.sql, context);
    const prompt = await readNewestPrompt(deps.sql, context.job.tenantId);
    signal.throwIfAborted();
    progress(10, "generating");
    const answer = await deps.ai.chat({
      messages: messagesOf(question, prompt),
      ...{ name: "explanation", maxTokens, temperature, signal, idempotencyKey },
      ...(model !== undefined && { model }),
      onUsage: ({ totalTokens: tokens, costUsd: cost, model: asked }) =>
        spend({ tokens, cost, model: asked }),
    });
    return {
      // Postgres stores neither NUL nor half a surrogate pair.
      explanation: answer.text.replaceAll("\0", "").toWellFormed().trim(),
      promptVersion: prompt.version,
      questionRevision: revision,
      model: answer.model,
      provider: answer.provider,
      usage: answer.usage,
      costUsd: answer.costUsd,
    };
  };
}

/** What is to be explained; @throws GiveUp when the question is not this job's, or not any more */
async function questionOf(
  sql: Sql,
  { payload, job }: Context,
): Promise<{ question: Question; revision: number | null }> {
  if (payload.question) return { question: payload.question, revision: null };
  const [row] = await sql.query<Question & { jobId: string | null; revision: number }>(
    `SELECT s.passage_content AS "passageContent", s.passage_comment AS "passageComment",
       s.subject, s.level, q.question_text AS "questionText", q.options,
       q.correct_answer AS "correctAnswer", q.job_id AS "jobId", q.revision
     FROM questions q JOIN passage_sets s ON s.tenant_id = q.tenant_id AND s.id = q.set_id
     WHERE q.tenant_id = $1 AND q.id = $2`,
    [job.tenantId, payload.questionId],
  );
  if (!row) throw new GiveUp(message("error_question_gone"), { code: "question_gone" });
  const { jobId, revision, ...question } = row;
  if (jobId !== job.id) {
    throw new GiveUp(message("error_question_not_its_own"), { code: "question_not_its_own" });
  }
  return { question, revision };
}
