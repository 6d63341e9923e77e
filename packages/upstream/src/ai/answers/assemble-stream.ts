import { AnswerBody, type Call, type Message } from "./answer-body.ts";
import { textIn } from "./content-of.ts";
import { errorIn } from "./error-in-answer.ts";
import { unreadable } from "./unreadable.ts";

/** What the events of a stream have said so far. */
type Told = {
  model: string | null | undefined;
  finish: string | null | undefined;
  usage: AnswerBody["usage"];
  parts: unknown[];
  reasoning: string;
  refusal: string;
  calls: Map<number, { arguments: string | object }>;
  /** Some servers send the whole message with each event, beside what is new. */
  whole: Message | undefined;
};

/**
 * The body that a stream of server-sent events says, as if it had not been streamed; of a stream with
 * an error only that. Throws UpstreamError `malformed` when the stream has no end.
 */
export function assembleStream(text: string): object {
  const told: Told = {
    ...{ model: undefined, finish: undefined, usage: undefined, whole: undefined },
    ...{ parts: [], reasoning: "", refusal: "", calls: new Map() },
  };
  let isDone = false;
  let kind = "";
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.startsWith("event:")) kind = line.slice("event:".length).trim();
    if (line === "") kind = "";
    if (!line.startsWith("data:")) continue;
    const data = line.slice("data:".length).trim();
    if (data === "[DONE]") isDone = true;
    if (data === "" || data === "[DONE]") continue;
    const event = eventOf(data);
    if (errorIn(event) !== undefined) return event;
    if (kind === "error") return { error: event };
    hear(told, event);
  }
  if (!isDone && !told.finish) throw unreadable("shape_stream_cut", { fault: "service" });
  return bodyOf(told);
}

function eventOf(data: string): object {
  try {
    const [event]: unknown[] = [JSON.parse(data)].flat();
    return typeof event === "object" && event !== null ? event : {};
  } catch {
    // Half an event is what is left of a stream that broke. The parser's error would quote it.
    throw unreadable("shape_stream_cut", { fault: "service" });
  }
}

function hear(told: Told, event: object): void {
  const body = AnswerBody.safeParse(event).data;
  if (!body) return;
  told.model ??= body.model;
  told.usage = body.usage ?? told.usage;
  const [choice] = body.choices ?? [];
  if (!choice) return;
  told.finish = choice.finish_reason || told.finish;
  const { delta, message, text } = choice;
  told.whole = message ?? told.whole;
  const { content = text, refusal, reasoning, reasoning_content, tool_calls } = delta ?? {};
  if (content !== null && content !== undefined) told.parts.push(content);
  told.reasoning += textIn(reasoning_content ?? reasoning);
  told.refusal += refusal ?? "";
  for (const call of tool_calls ?? []) hearCall(told, call);
}

function hearCall({ calls }: Told, { index, function: called }: Call): void {
  const at = index ?? 0;
  const before = calls.get(at)?.arguments;
  const more = called?.arguments;
  if (typeof more === "object" && more !== null) calls.set(at, { arguments: more });
  if (typeof more !== "string") return;
  calls.set(at, { arguments: typeof before === "string" ? before + more : more });
}

function bodyOf({ model, finish, usage, whole, ...told }: Told): object {
  const isText = told.parts.every((part) => typeof part === "string");
  const message = {
    content: isText ? told.parts.join("") : told.parts.flat(),
    reasoning_content: told.reasoning,
    refusal: told.refusal,
    tool_calls: [...told.calls.values()].map((call) => ({ function: call })),
  };
  const isSaid = told.parts.some(Boolean) || told.reasoning || told.calls.size > 0;
  return {
    ...{ model, usage },
    choices: [{ finish_reason: finish, message: isSaid || !whole ? message : whole }],
  };
}
