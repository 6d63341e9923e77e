import { ApiError, type Language, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { errorOf, type StatusRow, statusColumns, statusOf, withJob } from "./question-status.ts";

export type QuestionRow = StatusRow & {
  id: string;
  questionNumber: number;
  questionText: string;
  options: string[];
  correctAnswer: string;
  explanation: string | null;
};

const columns = `q.id, q.question_number AS "questionNumber", q.question_text AS "questionText",
  q.options, q.correct_answer AS "correctAnswer", q.explanation, ${statusColumns}`;

/** A set's questions in the order of their numbers. */
export function listQuestions(sql: Sql, tenantId: string, setId: string): Promise<QuestionRow[]> {
  return sql.query<QuestionRow>(
    `SELECT ${columns} FROM ${withJob} WHERE q.tenant_id = $1 AND q.set_id = $2
     ORDER BY q.question_number`,
    [tenantId, setId],
  );
}

/** @throws ApiError question_not_found */
export async function readQuestion(sql: Sql, tenantId: string, id: string): Promise<QuestionRow> {
  const [question] = await sql.query<QuestionRow>(
    `SELECT ${columns} FROM ${withJob} WHERE q.tenant_id = $1 AND q.id = $2`,
    [tenantId, id],
  );
  if (!question) throw new ApiError("question_not_found");
  return question;
}

export type QuestionView = ReturnType<typeof questionView>;

/** A question as its clients read it. */
export function questionView(row: QuestionRow, language: Language) {
  const { id, questionNumber, questionText, options, correctAnswer } = row;
  return {
    ...{ id, questionNumber, questionText, options, correctAnswer },
    explanation: row.explanation ?? message("explanation_placeholder", language),
    explanationStatus: statusOf(row),
    explanationGeneratedAt: row.explainedAt?.toISOString() ?? null,
    explanationError: errorOf(row, language),
  };
}

/** How far its explanation is. */
export function statusView(row: StatusRow, language: Language) {
  return {
    status: statusOf(row),
    generatedAt: row.explainedAt?.toISOString() ?? null,
    error: errorOf(row, language),
  };
}

/** The state of a set's explanations, counted and one by one. */
export async function readSetStatus(
  sql: Sql,
  { tenantId, setId, language }: { tenantId: string; setId: string; language: Language },
) {
  const rows = await sql.query<StatusRow & { id: string; questionNumber: number }>(
    `SELECT q.id, q.question_number AS "questionNumber", ${statusColumns} FROM ${withJob}
     WHERE q.tenant_id = $1 AND q.set_id = $2 ORDER BY q.question_number`,
    [tenantId, setId],
  );
  const summary = { total: rows.length, completed: 0, generating: 0, pending: 0, failed: 0 };
  for (const row of rows) summary[statusOf(row)] += 1;
  const questions = rows.map(({ id, questionNumber, ...row }) => ({
    ...{ id, questionNumber },
    ...statusView(row, language),
  }));
  return { summary, questions };
}
