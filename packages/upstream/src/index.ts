export { type AiClientOptions, createAiClient } from "./ai/ai-client.ts";
export { AiEnv, aiOptionsOf, embedderOptionsOf } from "./ai/ai-env.ts";
export type {
  AiClient,
  ChatAnswer,
  ChatImage,
  ChatMessage,
  ChatRequest,
  SpentTokens,
  StructuredRequest,
  TokenUsage,
} from "./ai/chat.ts";
export {
  createEmbedder,
  type Embedder,
  type EmbedderOptions,
  type Embeddings,
  type EmbedRequest,
} from "./ai/embeddings/embedder.ts";
export { listPrices, type Prices } from "./ai/prices.ts";
export {
  createDataSource,
  DataEnv,
  type DataRequest,
  type DataSource,
  type DataSourceOptions,
  dataOptionsOf,
} from "./data/data-source.ts";
export type { Health } from "./health/create-health.ts";
export type { HealthState } from "./health/health-state.ts";
export { whyHeld } from "./health/held-by.ts";
export type { HealthEvent, Provider } from "./health/provider.ts";
export {
  type CountRequest,
  createNaverSearch,
  type NaverCount,
  type NaverProvider,
  type NaverSearch,
  type NaverSearchOptions,
} from "./naver/naver-search.ts";
export type { NaverSource } from "./naver/naver-source.ts";
export type { AroundCall, CallObserver, OnCall, UpstreamCall } from "./observe-call.ts";
export type { Closing } from "./pace/closing.ts";
export { createPace, type Pace, type PaceOptions } from "./pace/create-pace.ts";
export type { PaceClock } from "./pace/pace-clock.ts";
export type { Admission, PacePolicy, PaceStatus, TokenDemand } from "./pace/policy.ts";
export type { PaceRedis } from "./pace/redis/redis-script.ts";
export type { ReserveOptions } from "./pace/reserve.ts";
export { type SentenceKey, sentence } from "./sentences.ts";
export { type Fault, UpstreamError, type UpstreamErrorCode } from "./upstream-error.ts";
export { RefusedAddress } from "./webhook/address-guard.ts";
export {
  createWebhookSender,
  type WebhookAnswer,
  type WebhookSender,
} from "./webhook/webhook-sender.ts";
