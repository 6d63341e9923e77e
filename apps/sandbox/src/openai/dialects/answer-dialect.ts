import type { Completion } from "../completion.ts";

/** One way in which servers answer with status 200, as documentation or a public report shows it. */
export type AnswerDialect = {
  /** The server, then what is odd, in kebab-case. */
  name: string;
  /** What the answer looks like, in few words. */
  looks: string;
  /** Public address of what shows it. */
  source: string;
  means: Meaning;
  /** The body that says what `completion` does: text as it is, anything else as JSON. */
  answer(completion: Completion): string | object;
};

/** What a reader should make of it. */
export type Meaning =
  | {
      /** The completion's own text, found where this says. */
      says: string;
      /** The server leaves tokens uncounted. */
      uncounted?: true;
      /** Of use only where structured output was asked for. */
      onlyStructured?: true;
    }
  /** No answer, by the client's code for it; `fault` where it is plainly the service's. */
  | { fails: "answer_cut" | "content_filter" | "refused" }
  | { fails: "malformed" | "server_error"; fault?: "service" }
  /** An error that should have come with this status, under OpenAI's code where it has one. */
  | { error: { status: number; code?: string } };

export const contentOf = ({ choices }: Completion): string => choices[0]?.message.content ?? "";

/** A reasoning with braces, and with a draft that fits the schema but is not the answer. */
export function thoughtsOf(completion: Completion): string {
  const draft = contentOf(completion).replaceAll("샌드박스", "초안");
  return `The user wants {"fields": {like this}}. A first draft would be:\n${draft}\nThat is too short.`;
}

/** The completion with another message, and more in its choice. */
export function withMessage(completion: Completion, message: object, choice: object = {}) {
  const [first] = completion.choices;
  return {
    ...completion,
    choices: [{ ...first, message: { role: "assistant", ...message }, ...choice }],
  };
}

/** The completion without its count of tokens. */
export function uncounted({ usage, ...rest }: Completion): Omit<Completion, "usage"> {
  return rest;
}
