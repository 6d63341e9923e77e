import { z } from "zod";
import { UsageBody } from "./count-usage.ts";

const text = z.string().nullish().catch(undefined);

/** An answer's arguments come as text, by some servers as the object itself. */
const Call = z.looseObject({
  index: z.number().nullish().catch(undefined),
  function: z
    .looseObject({ name: text, arguments: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});
export type Call = z.infer<typeof Call>;

const Message = z
  .looseObject({
    content: z.unknown().optional(),
    refusal: text,
    reasoning: z.unknown().optional(),
    reasoning_content: z.unknown().optional(),
    /** What the server has parsed by the schema itself. */
    parsed: z.unknown().optional(),
    tool_calls: z.array(Call).nullish().catch(undefined),
    function_call: z.looseObject({ arguments: z.unknown().optional() }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);
export type Message = NonNullable<z.infer<typeof Message>>;

/** What of a completion, or of one event of a stream, is needed, as loosely as servers write it. */
export const AnswerBody = z.looseObject({
  model: text,
  choices: z
    .array(z.looseObject({ finish_reason: text, message: Message, delta: Message, text }))
    .nullable(),
  usage: UsageBody,
});
export type AnswerBody = z.infer<typeof AnswerBody>;
