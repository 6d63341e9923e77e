import { ApiError, type Language, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { type NewQuestion, rowsRefused } from "./check-rows.ts";

/** A question with its id, and the job that is to explain it where it comes without. */
export type StoredQuestion = NewQuestion & { id: string; jobId: string | null };

/**
 * Takes the set's next numbers, with the transaction's time; uploads into one set take turns from here on.
 * @throws ApiError set_not_found
 */
export async function takeNumbers(
  tx: Sql,
  { tenantId, setId, count }: { tenantId: string; setId: string; count: number },
): Promise<{ firstNumber: number; at: Date }> {
  const [set] = await tx.query<{ last: number; at: Date }>(
    `UPDATE passage_sets SET question_count = question_count + $3
     WHERE tenant_id = $1 AND id = $2
     RETURNING question_count AS last, date_trunc('milliseconds', now()) AS at`,
    [tenantId, setId, count],
  );
  if (!set) throw new ApiError("set_not_found");
  return { firstNumber: set.last - count + 1, at: set.at };
}

/** @throws ApiError invalid_rows naming the rows whose ids exist */
export async function insertQuestions(
  tx: Sql,
  questions: StoredQuestion[],
  into: { tenantId: string; setId: string; firstNumber: number; language: Language },
): Promise<void> {
  const { tenantId, setId, firstNumber, language } = into;
  // In the order of the ids, so that two imports of the same ones do not wait for each other.
  const stored = await tx.query<{ id: string }>(
    `INSERT INTO questions (tenant_id, set_id, id, question_number, question_text, options,
       correct_answer, explanation, explained_at, explained_by, job_id, created_at)
     SELECT $1, $2, r.id, r.number, r.question_text, r.options, r.correct_answer, r.explanation,
       CASE WHEN r.explanation IS NOT NULL THEN date_trunc('milliseconds', now()) END,
       CASE WHEN r.explanation IS NOT NULL THEN 'teacher' END, r.job_id,
       date_trunc('milliseconds', now())
     FROM jsonb_to_recordset($3::jsonb) AS r(id text, number int, question_text text,
       options text[], correct_answer text, explanation text, job_id uuid)
     ORDER BY r.id ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id`,
    [tenantId, setId, JSON.stringify(questions.map((one, at) => rowOf(one, firstNumber + at)))],
  );
  if (stored.length < questions.length) {
    const ids = new Set(stored.map(({ id }) => id));
    const problem = message("row_id_exists", language);
    const taken = questions.filter(({ id }) => !ids.has(id));
    throw rowsRefused(taken.map(({ row }) => ({ row, field: "id", problem })));
  }
}

function rowOf(question: StoredQuestion, number: number) {
  const { id, questionText, options, correctAnswer, jobId } = question;
  return {
    ...{ id, number, options, job_id: jobId, explanation: question.explanation ?? null },
    ...{ question_text: questionText, correct_answer: correctAnswer },
  };
}
