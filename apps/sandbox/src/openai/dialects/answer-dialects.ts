import type { Completion } from "../completion.ts";
import type { AnswerDialect } from "./answer-dialect.ts";
import { azureRows } from "./azure-rows.ts";
import { dashscopeRows } from "./dashscope-rows.ts";
import { geminiRows } from "./gemini-rows.ts";
import { llamaCppRows } from "./llama-cpp-rows.ts";
import { lmStudioRows } from "./lm-studio-rows.ts";
import { mistralRows } from "./mistral-rows.ts";
import { ollamaRows } from "./ollama-rows.ts";
import { openaiRows } from "./openai-rows.ts";
import { openrouterRows } from "./openrouter-rows.ts";
import { otherRows } from "./other-rows.ts";
import { togetherRows } from "./together-rows.ts";
import { vllmRows } from "./vllm-rows.ts";

/** Every dialect by its server, in the order that docs/dialects.md shows. */
export const dialectsByServer: Record<string, AnswerDialect[]> = {
  OpenAI: openaiRows,
  "Azure OpenAI": azureRows,
  vLLM: vllmRows,
  Ollama: ollamaRows,
  "llama.cpp": llamaCppRows,
  "LM Studio": lmStudioRows,
  OpenRouter: openrouterRows,
  "Gemini (compatible)": geminiRows,
  Mistral: mistralRows,
  DashScope: dashscopeRows,
  Together: togetherRows,
  Others: otherRows,
};

/** The same as one list. */
export const answerDialects: AnswerDialect[] = Object.values(dialectsByServer).flat();

/** The body by which the dialect `name`, which is one of them, says what `completion` does. */
export function answerIn(name: string, completion: Completion): string | object {
  const dialect = answerDialects.find((one) => one.name === name);
  return dialect ? dialect.answer(completion) : completion;
}
