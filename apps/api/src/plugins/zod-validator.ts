import { type FieldProblem, isMessageKey, type Language, message } from "@ilgam/contracts";
import type { FastifySchemaCompiler } from "fastify";
import { z } from "zod";

/** Values that a schema refused; rendered by the error handler. */
export class InvalidInput extends Error {
  readonly issues: z.core.$ZodIssue[];
  /** Names before the issue's own path: `["input"]` for the input inside a body. */
  readonly under: readonly string[];

  constructor(error: z.core.$ZodError, under: readonly string[] = []) {
    super("invalid input", { cause: error });
    this.name = "InvalidInput";
    this.issues = error.issues;
    this.under = under;
  }

  /** The whole value is of another JSON type than asked: malformed rather than one bad field. */
  get isWholeValue(): boolean {
    return (
      this.under.length === 0 &&
      this.issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0)
    );
  }
}

/** Checks requests by their zod schemas; the parsed value takes the place of the raw one. */
export const zodValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    const result = schema.safeParse(data, { reportInput: true });
    return result.success ? { value: result.data } : { error: new InvalidInput(result.error) };
  };

/**
 * Parses a part of a body. @throws InvalidInput whose paths begin with `under`.
 */
export function parseUnder<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  under: readonly string[],
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (!result.success) throw new InvalidInput(result.error, under);
  return result.data;
}

const sentences: Record<Language, z.core.$ZodErrorMap> = {
  ko: z.locales.ko().localeError,
  en: z.locales.en().localeError,
};

function sentenceOf(map: z.core.$ZodErrorMap, issue: z.core.$ZodIssue): string | undefined {
  const said = map(issue as z.core.$ZodRawIssue);
  return typeof said === "string" ? said : said?.message;
}

/** zod's own sentence and one of the catalogue in `language`; any other stays as the schema has it. */
function problemOf(issue: z.core.$ZodIssue, language: Language): string {
  const params = issue.code === "custom" ? issue.params : undefined;
  const key = params?.message;
  if (isMessageKey(key)) return message(key, language, Values.safeParse(params?.values).data ?? {});
  if (issue.code === "too_small" && issue.origin === "array") {
    return message("items_too_few", language, { limit: Number(issue.minimum) });
  }
  if (issue.code === "too_big" && issue.origin === "array") {
    return message("items_too_many", language, { limit: Number(issue.maximum) });
  }
  const isAbsent = issue.code === "invalid_type" && "input" in issue && issue.input === undefined;
  if (isAbsent) return message("field_required", language);
  const isOwn = issue.message !== sentenceOf(sentences.en, issue);
  return isOwn ? issue.message : (sentenceOf(sentences[language], issue) ?? issue.message);
}

/** What fills a sentence's `{placeholders}`. */
const Values = z.record(z.string(), z.union([z.string(), z.number()]));

/** The issues as field and problem, in `language`. */
export function fieldProblems(
  issues: readonly z.core.$ZodIssue[],
  language: Language,
  under: readonly string[] = [],
): FieldProblem[] {
  return issues.map((issue) => ({
    path: [...under, ...issue.path.map(String)].join("."),
    problem: problemOf(issue, language),
  }));
}
