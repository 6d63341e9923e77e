import { APIError, type OpenAI } from "openai";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { Pace } from "../pace/create-pace.ts";
import { sentence } from "../sentences.ts";
import { brokenCall, createAiRefusal } from "./ai-failure.ts";
import { type Completion, readCompletion } from "./completion.ts";
import { exhaustedForMs } from "./rate-limit-headers.ts";

export type Call = {
  body: ChatCompletionCreateParamsNonStreaming;
  signal: AbortSignal | undefined;
  idempotencyKey: string | undefined;
  /** Of whoever watches, to be sent along. */
  headers: Record<string, string>;
  /** Longest time from sending to the last byte, milliseconds. */
  timeoutMs: number;
};

/** An answer with status 200, not yet judged. */
export type Answered = {
  completion: Completion;
  isSandbox: boolean;
  /** From sending to the last byte, milliseconds. */
  ms: number;
};

/** What is known of a call besides its result, also when it has none. */
export type Outcome = {
  /** By the service's count; 0 when it refused the call; absent when nobody knows. */
  usedTokens?: number;
  refusal?: APIError;
};

type CallParts = { openai: OpenAI; pace: Pace; paceKey: string };

/**
 * One HTTP call. It throws what the engine should do, writes down what the call cost into `outcome`,
 * reports the status to `answered`, and closes the pace's key when the service says that it is full.
 */
export function createCallChat({ openai, pace, paceKey }: CallParts) {
  const refusalOf = createAiRefusal({ pace, paceKey });

  async function failureOf(error: unknown, call: Call, timedOut: boolean, outcome: Outcome) {
    call.signal?.throwIfAborted();
    if (timedOut) return brokenCall(error, call.timeoutMs);
    if (!isRefusal(error)) return brokenCall(error, undefined);
    outcome.refusal = error;
    if (error.status < 500) outcome.usedTokens = 0;
    return refusalOf(error, call.body.model);
  }

  async function receive(call: Call, deadline: AbortSignal) {
    const { body, signal, idempotencyKey, headers } = call;
    const response = await openai.chat.completions
      .create(body, {
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        headers: { ...headers, ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }) },
      })
      .asResponse();
    return { response, text: await response.text() };
  }

  return async (
    call: Call,
    outcome: Outcome,
    answered: (status: number) => void,
  ): Promise<Answered> => {
    const deadline = AbortSignal.timeout(Math.ceil(call.timeoutMs));
    const sentAt = performance.now();
    const { response, text } = await receive(call, deadline).catch(async (error: unknown) => {
      if (isRefusal(error)) answered(error.status);
      throw await failureOf(error, call, deadline.aborted, outcome);
    });
    const ms = performance.now() - sentAt;
    answered(response.status);
    const completion = readCompletion(text);
    const { usage } = completion;
    if (usage) outcome.usedTokens = usage.prompt_tokens + usage.completion_tokens;
    const delayMs = exhaustedForMs(response.headers, outcome.usedTokens);
    if (delayMs) await pace.close(paceKey, { delayMs }, sentence("ai_exhausted"));
    return { completion, ms, isSandbox: response.headers.has("x-sandbox") };
  };
}

function isRefusal(error: unknown): error is APIError & { status: number } {
  return error instanceof APIError && error.status !== undefined;
}
