import { z } from "zod";
import type { CallObserver } from "../observe-call.ts";
import { embeddingPaceKey } from "../pace/keys.ts";
import type { PacePolicy } from "../pace/policy.ts";
import type { AiClientOptions } from "./ai-client.ts";
import type { EmbedderOptions } from "./embeddings/embedder.ts";
import { PricesFromJson } from "./prices.ts";

const whole = z.coerce.number().int().min(1);

/** The settings of the AI client in the environment; an empty variable is to be left out. */
export const AiEnv = z.object({
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://api.openai.com/v1"),
  /** Empty where the server asks for none. */
  OPENAI_API_KEY: z.string().default(""),
  OPENAI_MODEL: z.string().min(1).default("gpt-4o"),
  /** Requests a minute over all processes; not set: only what the service itself says. */
  OPENAI_RPM: whole.optional(),
  /** Tokens a minute over all processes; likewise. */
  OPENAI_TPM: whole.optional(),
  /** Calls under way at once over all processes; not set: as many as jobs run. */
  OPENAI_MAX_CONCURRENCY: whole.optional(),
  OPENAI_TIMEOUT_MS: whole.default(60_000),
  AI_PRICES: PricesFromJson.prefault(""),
  /** Of another (GPU) server for embeddings; default OPENAI_BASE_URL, and its key with it. */
  EMBEDDING_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  EMBEDDING_API_KEY: z.string().optional(),
  EMBEDDING_MODEL: z.string().min(1).default("text-embedding-3-small"),
  /** Asked for where the model lets one choose; not set: the model's own. */
  EMBEDDING_DIMENSIONS: whole.max(8_192).optional(),
});

/*
 * Of the tokens given in any 60 s at most so much is handed out, for calls under way turn out larger
 * than charged; and evenly spread a little less, so that the 60 s are seldom what holds a call back:
 * that leaves gaps which come back a minute later.
 */
const ceiling = 0.997;
const spread = 0.993;

function tokenLimits(perMinute: number): Pick<PacePolicy, "tokensPerMinute" | "tokenCeiling"> {
  const share = (of: number) => Math.max(1, Math.floor(perMinute * of));
  return { tokensPerMinute: share(spread), tokenCeiling: share(ceiling) };
}

/** The client's options as the environment gives them. */
export function aiOptionsOf(
  env: z.infer<typeof AiEnv>,
): Omit<AiClientOptions, "pace" | keyof CallObserver | "onAdapted"> {
  const timeoutMs = env.OPENAI_TIMEOUT_MS;
  return {
    baseUrl: env.OPENAI_BASE_URL,
    apiKey: env.OPENAI_API_KEY,
    model: env.OPENAI_MODEL,
    timeoutMs,
    prices: env.AI_PRICES,
    policy: {
      intervalMs: env.OPENAI_RPM ? 60_000 / env.OPENAI_RPM : 0,
      // Longer than any call, so that only one whose process died is given up.
      longestCallMs: 2 * timeoutMs + 60_000,
      ...(env.OPENAI_TPM && tokenLimits(env.OPENAI_TPM)),
      ...(env.OPENAI_MAX_CONCURRENCY && { maxConcurrency: env.OPENAI_MAX_CONCURRENCY }),
    },
  };
}

/** The embedder's options as the environment gives them; a server of its own has its own pace. */
export function embedderOptionsOf(
  env: z.infer<typeof AiEnv>,
): Omit<EmbedderOptions, "pace" | keyof CallObserver> {
  const { policy, timeoutMs, prices, ...shared } = aiOptionsOf(env);
  const own = env.EMBEDDING_BASE_URL;
  return {
    ...{ timeoutMs, prices, model: env.EMBEDDING_MODEL },
    ...(env.EMBEDDING_DIMENSIONS && { dimensions: env.EMBEDDING_DIMENSIONS }),
    baseUrl: own ?? shared.baseUrl,
    apiKey: env.EMBEDDING_API_KEY ?? (own ? "" : shared.apiKey),
    ...(own
      ? {
          paceKey: embeddingPaceKey,
          policy: { intervalMs: 0, longestCallMs: policy.longestCallMs },
        }
      : { policy }),
  };
}
