/** What a row may hold: the names in JSON, and in the header of a file beside the teachers' own. */
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
export type RowField = (typeof rowFields)[number];

/** Most questions of one upload. */
export const maxRows = 1_000;

/** One row as it came, not checked yet. */
export type GivenRow = {
  /** Its number among the data rows, from 1. */
  row: number;
  values: unknown;
  /** Of a file: its cells as they stand. */
  cells?: readonly string[];
  /** A CSV's row with more cells than the header: an unquoted comma, mostly. */
  hasTooMany?: boolean;
  /** Of a file: the answer may be the number of an option. */
  mayNumberAnswer?: boolean;
  /** Fields whose formula is in error, or "" has no stored value. */
  failedFormulas?: Partial<Record<RowField, string>>;
};

/** The rows of an upload, with the names of their columns. */
export type GivenRows = { header: readonly string[]; rows: GivenRow[] };
