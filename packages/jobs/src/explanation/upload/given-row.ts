/** What a row may hold; a CSV's headers and the names in JSON are the same. */
export const rowFields = [
  "id",
  "questionText",
  "option1",
  "option2",
  "option3",
  "option4",
  "option5",
  "correctAnswer",
  "explanation",
] as const;

/** Most questions of one upload. */
export const maxRows = 1_000;

/** One row as it came, not checked yet. */
export type GivenRow = {
  /** Its number among the data rows, from 1. */
  row: number;
  values: unknown;
  /** A CSV's row with more cells than the header: an unquoted comma, mostly. */
  hasTooMany?: boolean;
};
