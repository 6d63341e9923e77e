import type { Completion } from "./completion.ts";

/** The completion as server-sent events, a few characters each. */
export function streamOf(completion: Completion, withUsage: boolean): string {
  const { choices, usage, ...head } = completion;
  const about = { ...head, object: "chat.completion.chunk" };
  const [choice] = choices;
  const chunk = (delta: object, finish_reason: string | null) => ({
    ...about,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  const pieces = choice?.message.content?.match(/[\s\S]{1,16}/gu) ?? [];
  const events = [
    chunk({ role: "assistant", content: "" }, null),
    ...pieces.map((content) => chunk({ content }, null)),
    chunk({}, choice?.finish_reason ?? "stop"),
    ...(withUsage ? [{ ...about, choices: [], usage }] : []),
  ];
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return `${body}data: [DONE]\n\n`;
}
