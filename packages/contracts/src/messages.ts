import { aiJobSentences } from "./sentences/ai-jobs.ts";
import { apiSentences } from "./sentences/api.ts";
import { documentCountSentences } from "./sentences/document-counts.ts";
import { documentSentences } from "./sentences/documents.ts";
import { explanationSentences } from "./sentences/explanations.ts";
import { imageSentences } from "./sentences/images.ts";
import { operationSentences } from "./sentences/operations.ts";
import type { Language, Sentences } from "./sentences/sentences.ts";

export type { Language };

/** Every sentence the API says, once; a folder by who says it. */
const catalogue = {
  ...apiSentences,
  ...operationSentences,
  ...explanationSentences,
  ...documentCountSentences,
  ...documentSentences,
  ...aiJobSentences,
  ...imageSentences,
} as const satisfies Sentences;

export type MessageKey = keyof typeof catalogue;

/** True for the name of a sentence of the catalogue. */
export function isMessageKey(text: unknown): text is MessageKey {
  return typeof text === "string" && Object.hasOwn(catalogue, text);
}

/**
 * A stored error in `language`: the engine's own from the catalogue by their code, a kind's as it
 * said it.
 */
export function errorSentence(
  error: { code: string; message: string },
  language: Language = "ko",
): string {
  const key = `error_${error.code}`;
  return key in catalogue ? message(key as MessageKey, language) : error.message;
}

/** The catalogue's sentence in `language`, its `{placeholders}` filled. */
export function message(
  key: MessageKey,
  language: Language = "ko",
  values: Record<string, string | number> = {},
): string {
  return catalogue[key][language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}
