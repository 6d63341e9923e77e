import { ApiError, inUtc, type Language, message } from "@ilgam/contracts";
import { type Sql, submitAll } from "@ilgam/db";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { explanation } from "../contract.ts";
import { statusOf } from "./question-status.ts";
import { readQuestion } from "./question-views.ts";
import type { SubmissionOptions } from "./upload/read-upload.ts";

export type RegenerateAnswer = {
  success: true;
  message: string;
  data: { status: "pending"; jobId: string };
};

/**
 * Has a question explained anew, by a job of its own. What explains it now, a teacher's text
 * included, stands until then.
 * @throws ApiError question_not_found, explanation_under_way, idempotency_conflict
 */
export async function regenerate(
  { db, submitter }: Pick<RouteDependencies, "db" | "submitter">,
  options: SubmissionOptions,
  asked: { tenantId: string; id: string; language: Language; idempotencyKey: string | undefined },
): Promise<RegenerateAnswer> {
  const { tenantId, id: questionId, language, idempotencyKey } = asked;
  const setId = await setOf(db.sql, tenantId, questionId);
  const callbackUrl = options.callback_url ?? options.callbackUrl;
  const runAt = options.runAt && inUtc(options.runAt);
  const { priority } = options;
  const answer = (jobId: string): RegenerateAnswer => ({
    success: true,
    message: message("regenerate_started", language),
    data: { status: "pending", jobId },
  });
  const { submission, announce } = await submitter.prepare({
    tenantId,
    kind: explanation.kind,
    jobs: [
      {
        ...{ input: { questionId }, priority, runAt, callbackUrl },
        tags: [`set:${setId}`],
        metadata: { setId, questionId },
      },
    ],
    ...(idempotencyKey !== undefined && {
      idempotency: {
        route: "POST /admin/questions/:id/regenerate-explanation",
        key: idempotencyKey,
        content: { questionId, priority, runAt, callbackUrl },
        response: ({ ids }) => answer(ids[0] ?? ""),
      },
    }),
  });
  const jobId = submission.subjectId;
  const first = await db.sql.transaction(async (tx) => {
    const [outcome] = await submitAll(tx, [submission]);
    if (outcome?.status === "conflict") throw new ApiError("idempotency_conflict");
    if (outcome?.status === "replayed") return outcome.response as RegenerateAnswer;
    await takeOver(tx, tenantId, questionId, jobId);
    return undefined;
  });
  if (first) return first;
  announce();
  return answer(jobId);
}

/** @throws ApiError question_not_found */
async function setOf(sql: Sql, tenantId: string, questionId: string): Promise<string> {
  const [question] = await sql.query<{ setId: string }>(
    `SELECT set_id AS "setId" FROM questions WHERE tenant_id = $1 AND id = $2`,
    [tenantId, questionId],
  );
  if (!question) throw new ApiError("question_not_found");
  return question.setId;
}

/** Gives the question to a new job. @throws ApiError explanation_under_way */
async function takeOver(tx: Sql, tenantId: string, id: string, jobId: string): Promise<void> {
  const keyed = [tenantId, id];
  // Locked by a statement of its own: the next one then sees what another request has just done.
  await tx.query("SELECT 1 FROM questions WHERE tenant_id = $1 AND id = $2 FOR UPDATE", keyed);
  const status = statusOf(await readQuestion(tx, tenantId, id));
  if (status === "pending" || status === "generating") {
    throw new ApiError("explanation_under_way", { values: { status } });
  }
  await tx.query(
    "UPDATE questions SET job_id = $3, explained_run = NULL WHERE tenant_id = $1 AND id = $2",
    [...keyed, jobId],
  );
}
