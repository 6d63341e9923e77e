import { message, TryLater } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { EndedJob } from "../../handling/job-context.ts";
import type { ExplanationPayload, ExplanationResult } from "../contract.ts";

/**
 * Writes a job's explanation into its question, in the transaction that completes the job. A
 * question that has got another job or a teacher's explanation meanwhile stays as it is.
 * @throws TryLater when the question was edited while the model was asked: all of it is rolled back,
 * and the job explains the new text, without consuming an attempt
 */
export async function storeExplanation(
  tx: Sql,
  { id, tenantId, run, payload, result }: EndedJob<ExplanationPayload, ExplanationResult>,
): Promise<void> {
  if (payload.questionId === undefined) return;
  const { explanation, promptVersion, model, provider } = result;
  const [question] = await tx.query<{ revision: number }>(
    `UPDATE questions SET explanation = $5, explained_at = now(), explained_by = 'model',
       explained_run = $4, prompt_version = $6, model = $7, provider = $8
     WHERE tenant_id = $1 AND id = $2 AND job_id = $3 RETURNING revision`,
    [tenantId, payload.questionId, id, run, explanation, promptVersion, model, provider],
  );
  if (question && question.revision !== result.questionRevision) {
    throw new TryLater(0, message("question_edited"), { code: "question_edited" });
  }
}
