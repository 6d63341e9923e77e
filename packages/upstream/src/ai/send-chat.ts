import type { OpenAI } from "openai";
import { callProvider } from "../health/call-provider.ts";
import { type CallObserver, observeCall } from "../observe-call.ts";
import type { Pace } from "../pace/create-pace.ts";
import type { PacePolicy } from "../pace/policy.ts";
import { type Answer, readAnswer } from "./answers/read-answer.ts";
import { type Answered, createCallService, type Outcome } from "./call-service.ts";
import type { ChatMessage, ChatRequest } from "./chat.ts";
import { bodyOf, estimateInput, type WantedChat } from "./chat-body.ts";
import type { Dialects } from "./dialect.ts";

export type SendOptions = {
  openai: OpenAI;
  pace: Pace;
  paceKey: string;
  policy: PacePolicy;
  dialects: Dialects;
  observer: CallObserver;
};

export type Send = {
  wanted: WantedChat;
  messages: ChatMessage[];
  request: Pick<ChatRequest, "signal" | "idempotencyKey" | "maxWaitMs"> & {
    /** Made whether or not the service is known to be away. Default false. */
    probe?: boolean;
  };
  /** Longest time from sending to the last byte, milliseconds. */
  timeoutMs: number;
};

export type Reply = Answered<Answer>;

/** Makes one chat call at the pace's next slot, in the dialect that the model understands. */
export function createSendChat({ pace, paceKey, policy, dialects, ...options }: SendOptions) {
  const { openai } = options;
  const callService = createCallService({ pace, paceKey });

  /** @returns undefined when the call must be made again in another dialect. */
  async function sendOnce({ wanted, messages, request, timeoutMs }: Send) {
    const { signal, maxWaitMs, idempotencyKey, probe } = request;
    const dialect = dialects.of(wanted.model);
    const body = bodyOf(wanted, messages, dialect);
    const input = estimateInput(messages, body);
    const tokens = { label: wanted.name, input, output: wanted.maxTokens };
    const asked = { pace, key: paceKey, policy, tokens, signal, maxWaitMs, idempotencyKey, probe };
    return callProvider(asked, async (admission) => {
      const outcome: Outcome = {};
      try {
        const about = { service: "openai", operation: probe ? "probe" : "chat", signal };
        return await observeCall(about, options.observer, ({ answered, headers }) =>
          callService(
            {
              ...{ model: body.model, signal, idempotencyKey, headers, timeoutMs },
              send: (init) => openai.chat.completions.create(body, init),
            },
            (text) => readChat(text, input),
            outcome,
            answered,
          ),
        );
      } catch (error) {
        const { refusal } = outcome;
        const refused = refusal && { status: refusal.status ?? 0, message: refusal.message };
        if (refused && dialects.adapt(wanted.model, dialect, refused)) return undefined;
        throw error;
      } finally {
        await admission.settle(outcome.usedTokens);
      }
    });
  }

  return async (send: Send): Promise<Reply> => {
    // Each refusal makes the dialect poorer, so this ends.
    for (;;) {
      const reply = await sendOnce(send);
      if (reply) return reply;
    }
  };
}

function readChat(text: string, inputTokens: number) {
  const body = readAnswer(text, inputTokens);
  return { body, usedTokens: body.usage.promptTokens + body.usage.completionTokens };
}
