import { GiveUp } from "@ilgam/contracts";
import { UpstreamError } from "../../upstream-error.ts";

/**
 * What a refused request was too big in: `inputs` the number of its texts (or all of them together),
 * `length` one of its texts; `unknown` when the service's words do not say, or say something else.
 */
export type SizeRefusal = "inputs" | "length" | "unknown";

const inputWords = [
  /too many inputs/i, // Azure
  /batch size \d+ >/i, // text-embeddings-inference, SiliconFlow
  /batch size is invalid|larger than \d+.{0,4}input\.contents/i, // DashScope
  /requests can be in one batch/i, // Gemini
  /split into more batches|too many tokens in batch/i, // Mistral
  /array too long|array_above_max_length/i, // OpenAI
  /max(imum)? [\d,]+ tokens per request|max_tokens_per_request/i, // OpenAI, all texts together
];

const lengthWords = [
  /context[_ ](length|size|window)/i, // OpenAI, Azure, vLLM, Ollama, llama.cpp
  /too large to process|physical batch size/i, // llama.cpp
  /must have less than \d+ (tokens|characters)/i, // text-embeddings-inference
  /exceeds? (n_ctx|(the )?maximum allowed token)/i, // llama-box, NVIDIA NIM
  /(longer|larger|more|greater) than (the )?(max(imum)?|\d+).{0,30}tokens?/i,
  /range of input length/i, // DashScope
  /max(imum)? (input|sequence|model) (token|length)/i,
];

/** Undefined for an error that is no refusal of the input: the service's, the operator's. */
export function sizeRefusalOf(error: unknown): SizeRefusal | undefined {
  if (!(error instanceof GiveUp)) return undefined;
  if (error.code !== "too_long" && error.code !== "bad_request") return undefined;
  const words = wordsOf(error.cause);
  if (inputWords.some((one) => one.test(words))) return "inputs";
  if (lengthWords.some((one) => one.test(words))) return "length";
  return "unknown";
}

/** Whether cutting a lone text that was refused may help: not when the words tell of something else. */
export function mayBeLength(error: unknown): boolean {
  if (sizeRefusalOf(error) !== "unknown") return true;
  // Some servers put their words where the SDK does not read them; 413 says it by itself.
  const isTooLong = error instanceof GiveUp && error.code === "too_long";
  return isTooLong || /no body/i.test(wordsOf((error as GiveUp).cause));
}

/**
 * llama.cpp and older Ollama refuse a long text with 500: it is the input's fault all the same, and
 * nothing is wrong with the service. Other errors stay as they are.
 */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || error.code !== "server_error") return error;
  if (!lengthWords.some((one) => one.test(wordsOf(error)))) return error;
  return new GiveUp(error.message, { code: "too_long", cause: error });
}

/** The service's own, at the start of its refusal. */
function wordsOf(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause instanceof Error ? cause.message : "";
}
