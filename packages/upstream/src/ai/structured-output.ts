import { z } from "zod";
import { parseStorable } from "../parse-storable.ts";
import type { ChatMessage } from "./chat.ts";

export type Reading<Output> = { output: Output } | { problems: string };

/** What the model is told of its mistakes, and what of its answer it gets back; characters. */
const longestProblems = 2_000;
const longestQuote = 20_000;

/** Reads a model's text by a schema; JSON may stand in a code fence or among words. */
export function readStructured<Output>(text: string, schema: z.ZodType<Output>): Reading<Output> {
  let problems = "the answer is not JSON";
  for (const candidate of candidatesIn(text)) {
    try {
      const read = schema.safeParse(parseStorable(candidate));
      if (read.success) return { output: read.data };
      problems = z.prettifyError(read.error).slice(0, longestProblems);
      break;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems = `the answer is not JSON: ${error.message}`;
    }
  }
  return { problems };
}

function* candidatesIn(text: string): Generator<string> {
  yield text;
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/i.exec(text)?.[1];
  if (fenced !== undefined) yield fenced;
  const [first, last] = [text.indexOf("{"), text.lastIndexOf("}")];
  if (first >= 0 && last > first) yield text.slice(first, last + 1);
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
