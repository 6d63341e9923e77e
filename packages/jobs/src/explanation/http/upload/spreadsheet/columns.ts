import { type Language, message } from "@ilgam/contracts";
import { type RowField, rowFields } from "../given-row.ts";

/** Which field each column holds; undefined for a column that is not read. */
export type Columns = (RowField | undefined)[];

const needed: RowField[] = ["questionText", "option1", "option2", "correctAnswer"];

/** How teachers name the columns, without white space and signs. */
const names = new Map<string, RowField>([
  ...named("id", ["id", "아이디", "문제id", "문항id", "questionid"]),
  ...named("questionText", ["questiontext", "question", "문제", "문항", "질문", "발문", "물음"]),
  ...named("questionText", ["문제내용", "문항내용", "질문내용", "문제본문", "문제텍스트"]),
  ...named("correctAnswer", ["correctanswer", "answer", "정답", "답", "답안", "정답번호"]),
  ...named("correctAnswer", ["답번호", "정답선택지", "정답보기"]),
  ...named("explanation", ["explanation", "해설", "풀이", "설명", "정답해설", "문제해설"]),
  ...named("explanation", ["풀이과정", "정답풀이", "문제풀이"]),
]);

function named(field: RowField, ways: string[]): [string, RowField][] {
  return ways.map((way) => [way, field]);
}

/** With a remark in brackets; what is longer is a text. */
const longestName = 100;

const optionName = /^(?:option|choice|선택지|선택|선지|보기|답지)?([1-5])번?(?:선택지|선지|보기)?$/;

/** Which fields a header names. One with the API's own names has them read and no others. */
export function columnsOf(header: readonly string[]): Columns {
  const own = header.map((name) =>
    rowFields.find((field) => field.toLowerCase() === name.trim().toLowerCase()),
  );
  return isComplete(own) ? own : header.map(fieldNamed);
}

function fieldNamed(name: string): RowField | undefined {
  if (name.length > longestName) return undefined;
  // ① becomes 1; a remark in brackets is none of the name.
  const plain = name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[([{][^\d)\]}]*[)\]}]/g, "");
  const key = plain.replaceAll(/[\s\p{P}\p{S}]/gu, "");
  const number = optionName.exec(key)?.[1];
  return number === undefined ? names.get(key) : (`option${number}` as RowField);
}

/** All that a question needs has a column. */
export function isComplete(columns: Columns): boolean {
  return missingIn(columns).length === 0;
}

export function missingIn(columns: Columns): RowField[] {
  return needed.filter((field) => !columns.includes(field));
}

/** A field that two columns hold. */
export function repeatedIn(columns: Columns): RowField | undefined {
  return columns.find((field, column) => field && columns.indexOf(field) !== column);
}

/** A field by the name that the template gives it and its own, `정답(correctAnswer)`. */
export function fieldLabel(field: string, language: Language): string {
  const own = rowFields.find((one) => one === field);
  if (own === undefined || own === "id" || language === "en") return field;
  return `${teachersName(own)}(${field})`;
}

/** The header that the template has. */
export function teachersName(field: RowField): string {
  const number = /^option(\d)$/.exec(field)?.[1];
  if (number !== undefined) return `선택지${number}`;
  if (field === "questionText") return "문제";
  if (field === "correctAnswer") return "정답";
  return field === "explanation" ? "해설" : "id";
}

/** The columns that a file of refused rows has before the teacher's own. */
export function remarkNames(language: Language): [row: string, reason: string] {
  return [message("remark_row", language), message("remark_reason", language)];
}

/** Where a header has the columns of a file of refused rows; empty when it is none. */
export function remarkColumns(header: readonly string[]): number[] {
  const found = (["ko", "en"] as const).map((language) =>
    remarkNames(language).map((name) => header.findIndex((one) => one.trim() === name)),
  );
  return found.find((columns) => columns.every((column) => column >= 0)) ?? [];
}
