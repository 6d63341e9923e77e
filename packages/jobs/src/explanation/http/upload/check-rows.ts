import { ApiError, isMessageKey, type Language, message, type RowProblem } from "@ilgam/contracts";
import { z } from "zod";
import { filledText, Id, longest, text } from "../../contract.ts";
import type { GivenRow } from "./given-row.ts";
import { numberedOption } from "./numbered-option.ts";

/** A question as it is to be stored; without an explanation a model is to write it. */
export type NewQuestion = {
  /** Its number among the data rows it came in, from 1. */
  row: number;
  id: string | undefined;
  questionText: string;
  options: string[];
  correctAnswer: string;
  explanation: string | undefined;
};

const option = text(longest.option).nullish();
const blankAsAbsent = (value: unknown) =>
  value === null || (typeof value === "string" && value.trim() === "") ? undefined : value;

const Row = z.object({
  id: z.preprocess(blankAsAbsent, Id.optional()),
  questionText: filledText(longest.question),
  option1: filledText(longest.option),
  option2: filledText(longest.option),
  option3: option,
  option4: option,
  option5: option,
  correctAnswer: filledText(longest.option),
  explanation: text(longest.explanation).nullish(),
});

type Problems = { field: string; problem: string }[];

/**
 * The rows as questions, when all of them are good.
 * @throws ApiError invalid_rows with what is wrong, row by row
 */
export function checkRows(rows: GivenRow[], language: Language): NewQuestion[] {
  const seen = new Map<string, number>();
  const questions: NewQuestion[] = [];
  const problems: RowProblem[] = [];
  for (const given of rows) {
    const { question, found } = checkRow(given, language);
    const first = question?.id === undefined ? undefined : seen.get(question.id);
    if (question?.id !== undefined && first === undefined) seen.set(question.id, given.row);
    if (first !== undefined) {
      found.push({ field: "id", problem: message("row_id_repeats", language, { row: first }) });
    }
    problems.push(...found.map((one) => ({ row: given.row, ...one })));
    if (question) questions.push(question);
  }
  if (problems.length > 0) throw rowsRefused(problems);
  return questions;
}

const mostProblems = 1_000;

/** The refusal of an upload: every bad row is named, with all its problems while there is room. */
export function rowsRefused(problems: RowProblem[]): ApiError {
  const rows = new Set(problems.map(({ row }) => row)).size;
  const isFirst = ({ row }: RowProblem, at: number) => problems[at - 1]?.row !== row;
  const shown = problems.length <= mostProblems ? problems : problems.filter(isFirst);
  const values = { rows, shown: shown.length, total: problems.length };
  return new ApiError("invalid_rows", { values, rows: shown });
}

function checkRow(
  { row, values, hasTooMany, mayNumberAnswer, failedFormulas }: GivenRow,
  language: Language,
): { question?: NewQuestion; found: Problems } {
  const found = formulaProblems(failedFormulas, language);
  const failed = found.map(({ field }) => field);
  if (hasTooMany) found.push({ field: "", problem: message("row_cells_too_many", language) });
  const parsed = Row.safeParse(values, { reportInput: true });
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => problemOf(issue, language));
    found.push(...issues.filter(({ field }) => !failed.includes(field)));
  }
  // Without the value of a formula the cells cannot be compared.
  if (!parsed.success || failed.length > 0) return { found };
  const { id, questionText, explanation, ...numbered } = parsed.data;
  const { option1, option2, option3, option4, option5 } = numbered;
  const given = [option1, option2, option3, option4, option5].map((one) => one ?? "");
  const options = given.filter((one) => one !== "");
  found.push(...optionProblems(given, language));
  const correctAnswer = answerOf(parsed.data.correctAnswer, options, mayNumberAnswer);
  if (correctAnswer === undefined) {
    const key = mayNumberAnswer ? "answer_names_no_option" : "answer_not_an_option";
    found.push({ field: "correctAnswer", problem: message(key, language) });
  }
  const question = {
    ...{ row, id, questionText, options },
    // Without an answer nothing is stored.
    correctAnswer: correctAnswer ?? "",
    explanation: explanation && !isPlaceholder(explanation) ? explanation : undefined,
  };
  return { question, found };
}

function optionProblems(given: string[], language: Language): Problems {
  const count = given.filter((one) => one !== "").length;
  return given.flatMap((one, at) => {
    const key = one === "" ? "row_option_gap" : "option_repeats";
    const isWrong = one === "" ? at < count : given.indexOf(one) < at;
    return isWrong ? [{ field: `option${at + 1}`, problem: message(key, language) }] : [];
  });
}

/** The option that is meant, whose own text goes before its number; undefined when there is none. */
function answerOf(given: string, options: string[], mayBeNumber = false): string | undefined {
  if (options.includes(given)) return given;
  return mayBeNumber ? numberedOption(given, options) : undefined;
}

function formulaProblems(failed: GivenRow["failedFormulas"], language: Language): Problems {
  return Object.entries(failed ?? {}).map(([field, shown]) => ({
    field,
    problem: message(shown === "" ? "formula_without_value" : "formula_failed", language, {
      shown,
    }),
  }));
}

/** A client may send back what it was shown in the place of an explanation. */
export function isPlaceholder(explanation: string): boolean {
  return (["ko", "en"] as const).some(
    (language) => explanation === message("explanation_placeholder", language),
  );
}

function problemOf(issue: z.core.$ZodIssue, language: Language): Problems[number] {
  const field = issue.path.map(String).join(".");
  const say = (key: Parameters<typeof message>[0], limit = 0) => ({
    field,
    problem: message(key, language, { limit }),
  });
  const key = issue.code === "custom" ? issue.params?.message : undefined;
  if (isMessageKey(key)) return say(key);
  if (issue.code === "too_big") return say("text_too_long", Number(issue.maximum));
  if (issue.code === "invalid_format") return say("id_form");
  return say(issue.input === undefined && field !== "" ? "field_required" : "text_expected");
}
