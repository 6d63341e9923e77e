import { judgeAnswered } from "../health/call-provider.ts";
import type { CallObserver } from "../observe-call.ts";
import type { Pace } from "../pace/create-pace.ts";
import { aiPaceKey } from "../pace/keys.ts";
import { defaultMaxWaitMs, type PacePolicy } from "../pace/policy.ts";
import type { AiClient } from "./chat.ts";
import { createChat } from "./create-chat.ts";
import { createDialects, type Dialect } from "./dialect.ts";
import { openaiConnection } from "./openai-connection.ts";
import { listPrices, type Prices } from "./prices.ts";
import { createSendChat } from "./send-chat.ts";

/** Watched calls are of service `openai`. */
export type AiClientOptions = CallObserver & {
  /** Of any OpenAI-compatible service, `/v1` included. */
  baseUrl: string;
  apiKey: string;
  /** Asked when a request names none. */
  model: string;
  pace: Pace;
  policy: PacePolicy;
  /** The pace's key: one per account. Default `openai`. */
  paceKey?: string;
  /** Longest time of a call and its repair together, milliseconds. Default 60,000. */
  timeoutMs?: number;
  /** Default OpenAI's list prices. */
  prices?: Prices;
  /** Who answers at `baseUrl`. A sandbox that says so in its answer is believed over this. */
  provider?: string;
  /** Told when a model turned out to understand less than OpenAI's own; default nobody. */
  onAdapted?: (model: string, dialect: Dialect, reason: string) => void;
};

/** A client of an OpenAI-compatible chat service. It never retries by itself. */
export function createAiClient(options: AiClientOptions): AiClient {
  const { pace, policy, paceKey = aiPaceKey, model } = options;
  const { openai, close } = openaiConnection(options);
  const send = createSendChat({
    ...{ openai, pace, policy, paceKey, observer: options },
    dialects: createDialects(options.onAdapted ?? (() => {})),
  });
  const timeoutMs = options.timeoutMs ?? 60_000;
  pace.health.follow({
    key: paceKey,
    config: `${options.baseUrl} ${options.apiKey} ${model}`,
    probe: async (signal) => {
      const wanted = {
        model,
        maxTokens: 1,
        temperature: undefined,
        name: "probe",
        schema: undefined,
      };
      const messages = [{ role: "user" as const, content: "ping" }];
      await send({ wanted, messages, request: { signal, probe: true }, timeoutMs });
    },
  });
  const chat = createChat({
    send,
    model,
    timeoutMs,
    maxWaitMs: policy.maxWaitMs ?? defaultMaxWaitMs,
    prices: options.prices ?? listPrices,
    provider: options.provider ?? "openai",
    failureOf: (error, idempotencyKey) =>
      judgeAnswered({ pace, key: paceKey, idempotencyKey }, error),
  });
  // With a schema in the request the output is of the schema's type.
  return { chat: chat as AiClient["chat"], close };
}
