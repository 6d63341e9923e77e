import { AnswerBody, type Message } from "./answer-body.ts";
import { contentOf, textIn } from "./content-of.ts";
import { countUsage, type Usage } from "./count-usage.ts";
import { errorIn, errorOf } from "./error-in-answer.ts";
import { type Finish, finishOf } from "./finish-reason.ts";
import { parseBody } from "./parse-body.ts";
import { splitReasoning } from "./split-reasoning.ts";
import { unreadable } from "./unreadable.ts";

/** An answer of any dialect, told apart into what was said and what was only thought. */
export type Answer = {
  /** As the service names it. */
  model: string | undefined;
  /** Without reasoning; empty when nothing was said. */
  text: string;
  /** Of a field of its own, or from the front of the text. */
  reasoning: string;
  /** The field that the reasoning came in: an answer may have been put there by mistake. */
  reasoningField: "reasoning_content" | "reasoning" | undefined;
  /** Some servers answer structured output by a call of a tool that nobody has. */
  toolArguments: string[];
  refusal: string;
  finish: Finish;
  usage: Usage;
  /** How the text was written, in few words: `content`, `event stream, content parts`. */
  shape: string;
  hasChoice: boolean;
};

/**
 * Reads a body with status 200. Throws ErrorInBody or UpstreamError `server_error` for an error that is
 * in it, and UpstreamError `malformed`, which names the shape, for what is no answer at all; both are
 * the service's fault unless the error says otherwise.
 * @param inputTokens what was sent, as an estimate, for services that count nothing.
 */
export function readAnswer(raw: string, inputTokens: number): Answer {
  const { body, isStream } = parseBody(raw);
  const error = errorIn(body);
  if (error !== undefined) throw errorOf(error);
  const read = AnswerBody.safeParse(body);
  if (!read.success) {
    throw unreadable("shape_unknown", {
      ...{ fields: namesIn(body), cause: read.error, fault: "service" },
    });
  }
  const { model, choices, usage } = read.data;
  const [choice] = choices ?? [];
  const said = saidIn(choice?.message ?? choice?.delta ?? { content: choice?.text });
  const written = [said.reasoning, said.text, ...said.toolArguments].join("\n").trim();
  return {
    ...said,
    ...{ model: model ?? undefined, hasChoice: choice !== undefined },
    finish: finishOf(choice?.finish_reason),
    usage: countUsage(usage, { inputTokens, written }),
    shape: isStream ? `event stream, ${said.shape}` : said.shape,
  };
}

type Said = Pick<
  Answer,
  "text" | "reasoning" | "reasoningField" | "toolArguments" | "refusal" | "shape"
>;

function saidIn(message: Partial<Message>): Said {
  const content = contentOf(message.content);
  const split = splitReasoning(content.text);
  const parsed = split.text.trim() === "" && isObject(message.parsed) ? message.parsed : undefined;
  const [field, apart] = apartFrom(message);
  const calls = (message.tool_calls ?? []).map((call) => call.function?.arguments);
  return {
    text: parsed ? JSON.stringify(parsed) : split.text,
    reasoning: [apart, content.reasoning, split.reasoning].filter(Boolean).join("\n"),
    reasoningField: apart === "" ? undefined : field,
    toolArguments: [...calls, message.function_call?.arguments].map(jsonOf).filter(Boolean),
    refusal: message.refusal || content.refusal,
    shape: parsed ? "parsed" : split.by ? `${content.as} after ${split.by}` : content.as,
  };
}

function apartFrom(message: Partial<Message>) {
  const thought = textIn(message.reasoning_content);
  if (thought !== "") return ["reasoning_content", thought] as const;
  return ["reasoning", textIn(message.reasoning)] as const;
}

function jsonOf(value: unknown): string {
  return typeof value === "string" ? value : isObject(value) ? JSON.stringify(value) : "";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The names of a body's fields, as far as they are plainly names. */
function namesIn(body: object): string {
  const names = Object.keys(body).filter((name) => /^[A-Za-z][A-Za-z_]{0,19}$/.test(name));
  return names.slice(0, 5).join(", ") || "-";
}
