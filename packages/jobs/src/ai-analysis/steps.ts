import { type Language, type MessageKey, message } from "@ilgam/contracts";

/** The steps of an analysis, in percent; 100 is its end. */
export const stepPercents = {
  ai_step_start: 0,
  ai_step_collect: 20,
  ai_step_analyze: 50,
  ai_step_format: 80,
} as const satisfies Partial<Record<MessageKey, number>>;
export type StepKey = keyof typeof stepPercents;

const keys = Object.keys(stepPercents) as StepKey[];

/** A stored text in `language` if it is one of the steps, which are stored in Korean. */
export function stepIn(text: string, language: Language): string {
  const key = keys.find((one) => message(one) === text);
  return key ? message(key, language) : text;
}
