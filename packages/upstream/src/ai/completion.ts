import { GiveUp } from "@ilgam/contracts";
import { z } from "zod";
import { storableText } from "../parse-storable.ts";
import { sentence } from "../sentences.ts";
import { UpstreamError } from "../upstream-error.ts";

const count = z.number().min(0).transform(Math.round);

/** What of a completion is needed, as loosely as compatible servers write it. */
const Completion = z.object({
  model: z.string().nullish(),
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
    }),
  ),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count.default(0),
      prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
    })
    .nullish(),
});
export type Completion = z.infer<typeof Completion>;

/** Reads an answer's body. Throws UpstreamError `malformed`. */
export function readCompletion(text: string): Completion {
  try {
    return Completion.parse(JSON.parse(text));
  } catch (error) {
    throw new UpstreamError("malformed", sentence("ai_malformed"), { cause: error });
  }
}

/** The text that the model wrote to its end; throws when there is none. */
export function textOf(completion: Completion, maxTokens: number): string {
  const [choice] = completion.choices;
  const { content, refusal } = choice?.message ?? {};
  const reason = choice?.finish_reason;
  if (refusal) {
    const cause = new UpstreamError("refused", sentence("ai_refused"), {
      cause: new Error(refusal.slice(0, 500)),
    });
    throw new GiveUp(cause.message, { code: "refused", cause });
  }
  if (reason === "content_filter") {
    const cause = new UpstreamError("content_filter", sentence("ai_content_filter"));
    throw new GiveUp(cause.message, { code: "content_filter", cause });
  }
  if (reason === "length") {
    // Answers differ in length from try to try, so that another one may fit.
    throw new UpstreamError("answer_cut", sentence("ai_answer_cut", { maxTokens }));
  }
  if (!content?.trim()) {
    const cause = new Error(`no text; finish_reason ${reason}`);
    throw new UpstreamError("malformed", sentence("ai_malformed"), { cause });
  }
  return storableText(content);
}
