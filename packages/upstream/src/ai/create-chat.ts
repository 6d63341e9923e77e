import { Held, TryLater } from "@ilgam/contracts";
import type { z } from "zod";
import { sentence } from "../sentences.ts";
import { UpstreamError } from "../upstream-error.ts";
import { judgeAnswer } from "./answers/judge-answer.ts";
import { askForRepair } from "./answers/read-structured.ts";
import type { ChatAnswer, ChatRequest } from "./chat.ts";
import type { Prices } from "./prices.ts";
import type { createSendChat, Reply, Send } from "./send-chat.ts";
import { createSpending } from "./spending.ts";

type ChatParts = {
  send: ReturnType<typeof createSendChat>;
  /** What a request does not say. */
  model: string;
  timeoutMs: number;
  maxWaitMs: number;
  prices: Prices;
  provider: string;
  /** What to throw for an answer that reports a failure; other errors stay as they are. */
  failureOf(error: unknown, idempotencyKey: string | undefined): Promise<unknown>;
};

type AnyRequest = ChatRequest & { schema?: z.ZodType };

/** With less time than this left nothing is repaired. */
const shortestRepairMs = 1_000;

/** The verb of `AiClient.chat`: the question, and its repair when the answer does not fit. */
export function createChat(parts: ChatParts) {
  /** The same question again, in the time that is left. */
  async function repair(first: Send, reply: Reply, text: string, problems: string) {
    const leftMs = first.timeoutMs - reply.ms;
    if (leftMs < shortestRepairMs) throw invalid(problems);
    const { maxWaitMs = parts.maxWaitMs } = first.request;
    return parts
      .send({
        ...first,
        messages: askForRepair(first.messages, text, problems),
        request: { ...first.request, maxWaitMs: Math.min(maxWaitMs, leftMs) },
        timeoutMs: leftMs,
      })
      .catch((error: unknown) => {
        // Put off, the job would ask and pay for the first answer again, without an end to it.
        const isPutOff = error instanceof TryLater && !(error instanceof Held);
        throw isPutOff ? invalid(problems, error) : error;
      });
  }

  return async (request: AnyRequest): Promise<ChatAnswer<unknown>> => {
    const { schema, messages, maxTokens = 2_000, temperature, name = "text" } = request;
    const { model = parts.model, timeoutMs = parts.timeoutMs } = request;
    const wanted = { model, maxTokens, temperature, name, schema };
    const spending = createSpending({ prices: parts.prices, model, onUsage: request.onUsage });
    const first = { wanted, messages, request, timeoutMs };
    const judge = async (reply: Reply) => {
      spending.add(reply);
      try {
        return { reply, ...judgeAnswer(reply.body, { maxTokens, schema }) };
      } catch (error) {
        throw await parts.failureOf(error, request.idempotencyKey);
      }
    };

    let judged = await judge(await parts.send(first));
    if ("problems" in judged.reading) {
      judged = await judge(await repair(first, judged.reply, judged.text, judged.reading.problems));
    }
    const { reply, text, shape, reading } = judged;
    if ("problems" in reading) throw invalid(`${reading.problems} (read as ${shape})`);
    return {
      ...{ output: reading.output, text, shape },
      ...spending.total(),
      model: reply.body.model ?? model,
      provider: reply.isSandbox ? "sandbox" : parts.provider,
    };
  };
}

function invalid(problems: string, refused?: TryLater): UpstreamError {
  const cause = new Error(problems, { cause: refused });
  return new UpstreamError("answer_invalid", sentence("ai_answer_invalid"), { cause });
}
