import { callProvider } from "../../health/call-provider.ts";
import { type CallObserver, observeCall } from "../../observe-call.ts";
import type { Pace } from "../../pace/create-pace.ts";
import { aiPaceKey } from "../../pace/keys.ts";
import type { PacePolicy } from "../../pace/policy.ts";
import { createCallService, type Outcome } from "../call-service.ts";
import type { SpentTokens } from "../chat.ts";
import { estimateTokens } from "../estimate-tokens.ts";
import { openaiConnection } from "../openai-connection.ts";
import { costOf, listPrices, type Prices } from "../prices.ts";
import { type Body, malformed, readEmbeddings, vectorsOf } from "./embeddings-answer.ts";
import { createFitSizes } from "./fit-sizes.ts";
import { asRefusal } from "./size-refusal.ts";

/** Watched calls are of service `openai`. */
export type EmbedderOptions = CallObserver & {
  /** Of any service with OpenAI's `/embeddings`, `/v1` included. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** Asked for where the model lets one choose; default the model's own. */
  dimensions?: number;
  pace: Pace;
  policy: PacePolicy;
  /** The pace's key: one per account. Default `openai`. */
  paceKey?: string;
  /** Longest time of a call, milliseconds. Default 60,000. */
  timeoutMs?: number;
  prices?: Prices;
  /** Who answers at `baseUrl`. A sandbox that says so in its answer is believed over this. */
  provider?: string;
};

export type EmbedRequest = {
  /** 1 to 2,048 texts, none empty. */
  texts: string[];
  signal?: AbortSignal;
  idempotencyKey?: string;
  onUsage?: (spent: SpentTokens) => void;
};

export type Embeddings = {
  /** Of the first texts, in their order, all of one length: at least one. */
  vectors: number[][];
  dimension: number;
  /** As the service names it. */
  model: string;
  provider: string;
};

export type Embedder = {
  /** What is asked for: a change of it makes other vectors. */
  model: string;
  /**
   * Vectors of as many of the first texts as one call took, at the pace's next slot: ask again for the
   * rest once these are stored. A call that is refused for its size is halved, and the size that was
   * taken is remembered by this embedder. A text that alone is too long is embedded in parts, cut at
   * its sentences, by calls of their own; its vector is the parts' mean weighted by their tokens (by
   * our estimate), brought back to length 1. Throws as `AiClient.chat` does, a refusal for another
   * reason after a few calls; `malformed` when the answer is not one vector for each text asked.
   */
  embed(request: EmbedRequest): Promise<Embeddings>;
  /** Closes the connections once the calls under way are done. */
  close(): Promise<void>;
};

/** A client of an OpenAI-compatible embeddings service. It never retries by itself. */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { pace, policy, paceKey = aiPaceKey, model, dimensions, timeoutMs = 60_000 } = options;
  const { openai, close } = openaiConnection(options);
  const callService = createCallService({ pace, paceKey });
  const sizes = createFitSizes();

  async function send({
    texts,
    signal,
    idempotencyKey,
    probe,
  }: EmbedRequest & { probe?: boolean }) {
    const body = {
      ...{ model, input: texts, encoding_format: "float" as const },
      ...(dimensions !== undefined && { dimensions }),
    };
    const input = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    const tokens = { label: "embedding", input, output: 0 };
    const wanted = { pace, key: paceKey, policy, tokens, signal, idempotencyKey, probe };
    return callProvider(wanted, async (admission) => {
      const outcome: Outcome = {};
      try {
        const about = { service: "openai", operation: probe ? "probe" : "embed", signal };
        const answer = await observeCall(about, options, ({ answered, headers }) =>
          callService(
            {
              ...{ model, signal, idempotencyKey, headers, timeoutMs },
              send: (init) => openai.embeddings.create(body, init),
            },
            readEmbeddings,
            outcome,
            answered,
          ).catch((error: unknown) => {
            throw asRefusal(error);
          }),
        );
        return { ...answer, input };
      } finally {
        await admission.settle(outcome.usedTokens);
      }
    });
  }

  // One that shares the chat's key shares its health, and its probe.
  if (paceKey !== aiPaceKey) {
    pace.health.follow({
      key: paceKey,
      config: `${options.baseUrl} ${options.apiKey} ${model}`,
      probe: async (signal) => {
        await send({ texts: ["ping"], signal, probe: true });
      },
    });
  }

  return {
    model,
    close,
    embed: async ({ texts, idempotencyKey: key, ...request }) => {
      let calls = 0;
      let said = { model, provider: options.provider ?? "openai" };
      const vectors = await sizes.embedSome(texts, async (some) => {
        calls += 1;
        // Other texts are another request.
        const idempotencyKey = key && calls > 1 ? `${key}:${calls}` : key;
        const asked = { ...request, texts: [...some], ...(idempotencyKey && { idempotencyKey }) };
        const { body, isSandbox, input } = await send(asked);
        tellUsage(body, input, options, asked);
        said = {
          model: body.model ?? model,
          provider: isSandbox ? "sandbox" : (options.provider ?? "openai"),
        };
        return vectorsOf(body, some.length);
      });
      return { vectors, dimension: dimensionOf(vectors), ...said };
    },
  };
}

function dimensionOf([first = [], ...others]: number[][]): number {
  if (others.every((one) => one.length === first.length)) return first.length;
  throw malformed(new Error("vectors of several lengths"));
}

function tellUsage(
  { usage }: Body,
  estimate: number,
  { model, prices = listPrices }: EmbedderOptions,
  { onUsage }: EmbedRequest,
): void {
  const promptTokens = usage?.prompt_tokens ?? estimate;
  const used = { promptTokens, completionTokens: 0, totalTokens: promptTokens };
  const costUsd = costOf(prices, model, { ...used, cachedTokens: 0 });
  onUsage?.({ ...used, costUsd, model, estimated: !usage });
}
