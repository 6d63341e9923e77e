import { z } from "zod";
import { callProvider } from "../health/call-provider.ts";
import { type CallObserver, observeCall } from "../observe-call.ts";
import type { Pace } from "../pace/create-pace.ts";
import { aiPaceKey } from "../pace/keys.ts";
import type { PacePolicy } from "../pace/policy.ts";
import { sentence } from "../sentences.ts";
import { UpstreamError } from "../upstream-error.ts";
import { createCallService, type Outcome } from "./call-service.ts";
import type { SpentTokens } from "./chat.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { openaiConnection } from "./openai-connection.ts";
import { costOf, listPrices, type Prices } from "./prices.ts";

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
  /** One for each text, in their order, all of one length. */
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
   * One call for all texts, at the pace's next slot. Throws as `AiClient.chat` does; `malformed` when
   * the answer is not one vector for each text.
   */
  embed(request: EmbedRequest): Promise<Embeddings>;
  /** Closes the connections once the calls under way are done. */
  close(): Promise<void>;
};

const Body = z.object({
  model: z.string().nullish(),
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.number() }).nullish(),
});
type Body = z.infer<typeof Body>;

/** A client of an OpenAI-compatible embeddings service. It never retries by itself. */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { pace, policy, paceKey = aiPaceKey, model, dimensions, timeoutMs = 60_000 } = options;
  const { openai, close } = openaiConnection(options);
  const callService = createCallService({ pace, paceKey });

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
          ),
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
    embed: async (request) => {
      const { body, isSandbox, input } = await send(request);
      tellUsage(body, input, options, request);
      const vectors = vectorsOf(body, request.texts.length);
      const [first = []] = vectors;
      return {
        ...{ vectors, dimension: first.length, model: body.model ?? model },
        provider: isSandbox ? "sandbox" : (options.provider ?? "openai"),
      };
    },
  };
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

function readEmbeddings(text: string) {
  try {
    const body = Body.parse(JSON.parse(text));
    return { body, usedTokens: body.usage?.prompt_tokens };
  } catch (error) {
    throw malformed(error);
  }
}

/** The vectors in the order of the texts; services may answer in another. */
function vectorsOf({ data }: Body, count: number): number[][] {
  const vectors = new Array<number[] | undefined>(count).fill(undefined);
  for (const { index, embedding } of data) vectors[index] = embedding;
  const [first] = vectors;
  const complete = vectors.filter((vector) => vector && vector.length === first?.length);
  if (data.length === count && vectors.length === count && complete.length === count) {
    return complete as number[][];
  }
  throw malformed(new Error(`${data.length} vectors for ${count} texts, or of several lengths`));
}

function malformed(cause: unknown): UpstreamError {
  return new UpstreamError("malformed", sentence("ai_malformed"), { cause });
}
