import { GiveUp } from "@ilgam/contracts";
import type { z } from "zod";
import { storableText } from "../../parse-storable.ts";
import { sentence } from "../../sentences.ts";
import { UpstreamError } from "../../upstream-error.ts";
import type { Answer } from "./read-answer.ts";
import { type Reading, readStructured, readStructuredEnd } from "./read-structured.ts";
import { splitReasoning } from "./split-reasoning.ts";
import { unreadable } from "./unreadable.ts";

export type Wanted = { maxTokens: number; schema: z.ZodType | undefined };

/** What an answer says, and how it says it. */
export type Judged = {
  text: string;
  shape: string;
  /** `output` is null when no schema was asked for. */
  reading: Reading<unknown>;
};

/** Finds what was asked for in an answer that came to its end; throws when there is nothing of it. */
export function judgeAnswer(answer: Answer, wanted: Wanted): Judged {
  checkEnd(answer, wanted.maxTokens);
  const judged = wanted.schema ? structured(answer, wanted.schema) : plain(answer);
  return { ...judged, text: storableText(judged.text) };
}

function checkEnd({ finish, refusal }: Answer, maxTokens: number): void {
  if (refusal || finish === "refusal") {
    const cause = new UpstreamError("refused", sentence("ai_refused"), {
      cause: new Error(refusal.slice(0, 500)),
    });
    throw new GiveUp(cause.message, { code: "refused", cause });
  }
  if (finish === "content_filter") {
    const cause = new UpstreamError("content_filter", sentence("ai_content_filter"));
    throw new GiveUp(cause.message, { code: "content_filter", cause });
  }
  if (finish === "length") {
    // Answers differ in length from try to try, so that another one may fit.
    throw new UpstreamError("answer_cut", sentence("ai_answer_cut", { maxTokens }));
  }
  if (finish === "error") {
    throw new UpstreamError("server_error", sentence("ai_server_error", { status: 200 }), {
      ...{ cause: new Error("the answer ended with an error"), fault: "service" },
    });
  }
}

function plain(answer: Answer): Judged {
  const { text, shape, reasoning, reasoningField } = answer;
  if (text.trim()) return { text, shape, reading: { output: null } };
  // Servers whose parser waits for a tag that never comes put the answer here.
  const said = reasoningField ? splitReasoning(reasoning).text : "";
  if (!reasoningField || !said.trim()) throw nothingIn(answer);
  return { text: said, shape: shapeOf(answer, reasoningField), reading: { output: null } };
}

function structured(answer: Answer, schema: z.ZodType): Judged {
  const { text, shape, toolArguments, reasoning, reasoningField = "reasoning" } = answer;
  const said = [
    { text, shape },
    ...toolArguments.map((call) => ({ text: call, shape: shapeOf(answer, "tool call") })),
  ].filter((one) => one.text.trim());
  const readings = said.map((one) => ({ ...one, reading: readStructured(one.text, schema) }));
  const fitting = readings.find(({ reading }) => "output" in reading) ?? readings[0];
  if (fitting) return fitting;
  const reading = readStructuredEnd(reasoning, schema);
  if ("problems" in reading) throw nothingIn(answer);
  return { text: reasoning, shape: shapeOf(answer, reasoningField), reading };
}

function shapeOf({ shape }: Answer, where: string): string {
  return shape.startsWith("event stream") ? `event stream, ${where}` : where;
}

function nothingIn({ hasChoice, toolArguments, reasoning }: Answer): UpstreamError {
  if (!hasChoice) return unreadable("shape_no_choices");
  if (toolArguments.length > 0) return unreadable("shape_tool_call");
  return unreadable(reasoning ? "shape_reasoning_only" : "shape_no_text");
}
