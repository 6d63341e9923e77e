import { z } from "zod";
import type { ChatMessage } from "../chat.ts";
import { jsonIn, parsedJson } from "./json-in-text.ts";

export type Reading<Output> = { output: Output } | { problems: string };

/** What the model is told of its mistakes, and what of its answer it gets back; characters. */
const longestProblems = 2_000;
const longestQuote = 20_000;

/**
 * Reads a model's text by a schema. Of several JSON values the last that fits counts, since what comes
 * before may be a draft or an example; one that fits only once it is unwrapped comes after the others.
 */
export function readStructured<Output>(text: string, schema: z.ZodType<Output>): Reading<Output> {
  const whole = parsedJson(text);
  const values: unknown[] = whole === undefined ? jsonIn(text).map(({ value }) => value) : [whole];
  for (const value of values.toReversed()) {
    const read = schema.safeParse(value);
    if (read.success) return { output: read.data };
  }
  for (const value of values.toReversed()) {
    const reads = unwrapped(value, schema).map((inner) => schema.safeParse(inner));
    const [fitting, another] = reads.filter((read) => read.success);
    if (fitting && !another) return { output: fitting.data };
  }
  return { problems: problemsOf(text, values, schema) };
}

/** The same of a reasoning: only what it ends with, since what stands within it is a thought. */
export function readStructuredEnd<Output>(
  text: string,
  schema: z.ZodType<Output>,
): Reading<Output> {
  const last = jsonIn(text).at(-1);
  const isEnd = last && /^[\s`]*(?:<[^<>\n]{1,40}>)?\s*$/.test(text.slice(last.end));
  if (!isEnd) return { problems: "the answer is not JSON" };
  return readStructured(text.slice(last.start, last.end), schema);
}

/** What models and servers wrap an answer in: quotes, a list, an object with one name. */
function unwrapped(value: unknown, schema: z.ZodType): unknown[] {
  if (typeof value === "string") return jsonIn(value).map((found) => found.value);
  if (Array.isArray(value)) {
    const name = nameOfOnlyList(schema);
    return name === undefined ? value : [...value, { [name]: value }];
  }
  if (typeof value !== "object" || value === null) return [];
  const [inner, ...others] = Object.values(value);
  if (inner === undefined || others.length > 0) return [];
  return typeof inner === "string" ? jsonIn(inner).map((found) => found.value) : [inner];
}

/** The one field of a schema, when it is a list: models like to answer with the list alone. */
function nameOfOnlyList(schema: z.ZodType): string | undefined {
  const { properties = {} } = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  const [field, ...others] = Object.entries(properties);
  if (!field || others.length > 0) return undefined;
  const [name, about] = field;
  return typeof about === "object" && about.type === "array" ? name : undefined;
}

/** Of the longest value, which is most likely meant. */
function problemsOf(text: string, values: unknown[], schema: z.ZodType): string {
  const longest = values
    .map((value) => ({ value, length: JSON.stringify(value).length }))
    .sort((one, other) => other.length - one.length)[0];
  const read = longest && schema.safeParse(longest.value);
  if (read?.error) return z.prettifyError(read.error).slice(0, longestProblems);
  try {
    JSON.parse(text.slice(Math.max(0, text.search(/[{[]/))));
  } catch (error) {
    return `the answer is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  return "the answer is not JSON";
}

/** The same question again, with the answer that did not fit and what is wrong with it. */
export function askForRepair(
  messages: ChatMessage[],
  text: string,
  problems: string,
): ChatMessage[] {
  const complaint = `That does not fit the schema:\n${problems}\nAnswer again with the whole corrected JSON object and nothing else.`;
  return [
    ...messages,
    { role: "assistant", content: text.slice(0, longestQuote) },
    { role: "user", content: complaint },
  ];
}
