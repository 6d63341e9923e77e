import { z } from "zod";
import { answerDialects } from "../openai/dialects/answer-dialects.ts";

/** What may go wrong with one answer. */
export const Fault = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("status"),
    status: z.int().min(200).max(599),
    /** Sent as it is; without one, the error body the service documents for this status. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ type: z.literal("rate-limit"), retryAfterSeconds: z.int().min(0).optional() }),
  /** Answers normally, but only after `ms`. */
  z.strictObject({ type: z.literal("slow"), ms: z.int().min(0).max(3_600_000) }),
  /** Never answers; the connection stays open. */
  z.strictObject({ type: z.literal("hang") }),
  /** Sends half an answer, then destroys the connection. */
  z.strictObject({ type: z.literal("cut") }),
  /** Status 200 with a body that is not JSON. */
  z.strictObject({ type: z.literal("malformed") }),
  /** Chat only: what the model says, in place of the sandbox's own answer. */
  z.strictObject({
    type: z.literal("completion"),
    content: z.string().nullable().optional(),
    refusal: z.string().optional(),
    /** Such as `length` or `content_filter`. */
    finishReason: z.string().optional(),
    /** No choice at all. */
    empty: z.boolean().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** Chat only: the same answer as another server would write it. */
  z.strictObject({
    type: z.literal("dialect"),
    /** Of docs/dialects.md. */
    name: z.enum(answerDialects.map(({ name }) => name)),
    /** What the model says, in place of the sandbox's own answer. */
    content: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
]);
export type Fault = z.infer<typeof Fault>;

/** A fault and the calls it hits: those that match every given field, the next `times` of them. */
export const ScriptedFault = z.strictObject({
  match: z
    .strictObject({
      /** Exact, or a prefix when it ends with `*`. */
      path: z.string().optional(),
      query: z.string().optional(),
      /** `blog`, `cafe`, `news`, `kin` or `webkr`. */
      source: z.string().optional(),
      /** A text that stands somewhere in the body. */
      contains: z.string().min(1).optional(),
    })
    .default({}),
  times: z.int().min(1).max(1_000_000).default(1),
  fault: Fault,
});
export type ScriptedFault = z.infer<typeof ScriptedFault>;

/** One step or a whole script. */
export const FaultScriptBody = z.union([
  ScriptedFault.transform((step) => [step]),
  z.array(ScriptedFault).min(1).max(1_000),
]);
