import { ApiError, type Language, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { type StatusRow, statusColumns, statusOf, withJob } from "./question-status.ts";
import { type QuestionView, questionView, readQuestion } from "./question-views.ts";
import type { QuestionPatch } from "./schemas.ts";
import { isPlaceholder } from "./upload/check-rows.ts";

type Asked = { tenantId: string; id: string; language: Language; patch: QuestionPatch };

/**
 * Changes a question. A teacher's explanation ends the job that was to write one, and a job that is
 * too late to be stopped finds the question no longer its own.
 * @throws ApiError question_not_found, invalid_field
 */
export async function editQuestion(
  deps: Pick<RouteDependencies, "db" | "canceller">,
  asked: Asked,
): Promise<QuestionView> {
  const { tenantId, id, language } = asked;
  const endedJob = await deps.db.sql.transaction((tx) => write(tx, asked));
  // Whatever it answers: its explanation would not be stored.
  if (endedJob !== null) await deps.canceller.jobs(tenantId, [endedJob]);
  return questionView(await readQuestion(deps.db.sql, tenantId, id), language);
}

type Current = StatusRow & {
  questionText: string;
  options: string[];
  correctAnswer: string;
  explanation: string | null;
};

/** Returns the job that has lost its question; null when none has. */
async function write(tx: Sql, { tenantId, id, language, patch }: Asked): Promise<string | null> {
  const [current] = await tx.query<Current>(
    `SELECT q.question_text AS "questionText", q.options, q.correct_answer AS "correctAnswer",
       q.explanation, ${statusColumns}
     FROM ${withJob} WHERE q.tenant_id = $1 AND q.id = $2 FOR UPDATE OF q`,
    [tenantId, id],
  );
  if (!current) throw new ApiError("question_not_found");
  const { questionText, options, correctAnswer } = { ...current, ...withoutUndefined(patch) };
  if (!options.includes(correctAnswer)) {
    const problem = message("answer_not_an_option", language);
    throw new ApiError("invalid_field", { details: [{ path: "correctAnswer", problem }] });
  }
  // The revision goes up only when a model would be asked something else.
  await tx.query(
    `UPDATE questions SET question_text = $3, options = $4, correct_answer = $5,
       revision = revision + 1
     WHERE tenant_id = $1 AND id = $2
       AND (question_text, options, correct_answer) IS DISTINCT FROM ($3, $4::text[], $5)`,
    [tenantId, id, questionText, options, correctAnswer],
  );
  const { explanation } = patch;
  if (explanation === undefined || isPlaceholder(explanation)) return null;
  // A form that sends back all that it shows has edited nothing; but text that a job is about to
  // replace, or that stands beside a failed one, is kept on purpose.
  if (explanation === current.explanation && statusOf(current) === "completed") return null;
  await tx.query(
    `UPDATE questions SET explanation = $3, explained_at = now(), explained_by = 'teacher',
       explained_run = NULL, job_id = NULL, prompt_version = NULL, model = NULL, provider = NULL
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id, explanation],
  );
  return current.jobId;
}

function withoutUndefined(patch: QuestionPatch): Partial<Current> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
