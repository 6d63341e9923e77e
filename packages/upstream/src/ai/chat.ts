import type { z } from "zod";

/** An image as it is sent; pixels decide what it costs. */
export type ChatImage = {
  mediaType: "image/png" | "image/jpeg" | "image/webp" | "image/gif";
  bytes: Uint8Array;
  width: number;
  height: number;
  /** How closely the model looks. */
  detail: "low" | "high" | "auto";
};

export type ChatMessage =
  | { role: "system" | "assistant"; content: string }
  /** The images are shown after the text. */
  | { role: "user"; content: string; images?: ChatImage[] };

export type TokenUsage = {
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
};

/** What one call used, also when its answer was of no use. */
export type SpentTokens = TokenUsage & {
  /** By the price table; null when it does not know the model. */
  costUsd: number | null;
  /** The model that was asked for. */
  model: string;
  /** The service left some of them uncounted: these are estimates. */
  estimated: boolean;
};

export type ChatRequest = {
  messages: ChatMessage[];
  /** Default: the client's. */
  model?: string;
  /** Most tokens of the answer. Default 2,000. */
  maxTokens?: number;
  /** Default: the service's. Not sent to a model that refuses it. */
  temperature?: number;
  signal?: AbortSignal;
  /** `job_id:run:epoch`, sent as `Idempotency-Key`; most services only log it. */
  idempotencyKey?: string;
  /** Overrides the policy's longest wait for a turn, milliseconds. */
  maxWaitMs?: number;
  /** Overrides the client's longest time of a call and its repair together, milliseconds. */
  timeoutMs?: number;
  /**
   * Calls alike by one name (letters, digits, `_`, `-`, at most 64): what they use is learned for
   * it, and structured output is called so. Default `text`.
   */
  name?: string;
  /** Told of each call's tokens as soon as they are known, before its answer is judged. */
  onUsage?: (spent: SpentTokens) => void;
};

export type StructuredRequest<Output> = ChatRequest & {
  /** What the answer must fit: an object; fields `.nullable()` rather than `.optional()`. */
  schema: z.ZodType<Output>;
  name: string;
};

export type ChatAnswer<Output> = {
  /** What the text says by the schema; null when none was asked for. */
  output: Output;
  text: string;
  /** How the service wrote it, in few words: `content`, `event stream, reasoning_content`. */
  shape: string;
  /** Of all calls together. */
  usage: TokenUsage;
  /** Of all calls together; null when the price table does not know the model. */
  costUsd: number | null;
  /** As the service names it. */
  model: string;
  /** Who answered: the client's provider, or `sandbox`. */
  provider: string;
};

export type AiClient = {
  /**
   * One chat completion at the pace's next slot; with a schema one more when the answer does not
   * fit it. Throws TryLater when there is no turn soon or the service says to slow down (the key
   * closes for everybody); GiveUp when it refuses the credentials, the request or the content;
   * UpstreamError when it may be retried (`answer_invalid`: the schema, also after the repair;
   * `answer_cut`: it ended at `maxTokens`), and the signal's reason when it aborts.
   */
  chat<Output>(request: StructuredRequest<Output>): Promise<ChatAnswer<Output>>;
  chat(request: ChatRequest): Promise<ChatAnswer<null>>;
  /** Closes the connections once the calls under way are done. */
  close(): Promise<void>;
};
