import { z } from "zod";

const must = (words: string) => ({
  error: (issue: { input?: unknown }) => `must be ${words}, not "${String(issue.input)}"`,
});

const Settings = z.object({
  EXPLANATION_MODEL: z.string().optional(),
  EXPLANATION_MAX_TOKENS: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, must("a whole number from 1 to 999999"))
    .transform(Number)
    .default(2_000),
  EXPLANATION_TEMPERATURE: z
    .string()
    .regex(/^([01](\.\d+)?|2(\.0+)?)$/, must("a number from 0 to 2"))
    .transform(Number)
    .default(0.7),
});

export type ModelSettings = {
  /** Undefined: the AI client's own, OPENAI_MODEL. */
  model: string | undefined;
  maxTokens: number;
  temperature: number;
};

/**
 * How explanations ask the model; an empty variable counts as unset.
 * @throws Error naming the setting that is wrong
 */
export function modelSettingsOf(env: Record<string, string | undefined>): ModelSettings {
  const filled = Object.entries(env).filter(([, value]) => value !== "");
  const parsed = Settings.safeParse(Object.fromEntries(filled));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(lines.join("\n"));
  }
  return {
    model: parsed.data.EXPLANATION_MODEL,
    maxTokens: parsed.data.EXPLANATION_MAX_TOKENS,
    temperature: parsed.data.EXPLANATION_TEMPERATURE,
  };
}
