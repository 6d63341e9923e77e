/** How a server wants to be asked. OpenAI's own way first; others know less of it. */
export type Dialect = {
  /** How structured output is asked for: enforced, only JSON, or by words alone. */
  format: "json_schema" | "json_object" | "words";
  limit: "max_tokens" | "max_completion_tokens";
  /** Whether `temperature` is sent. */
  temperature: boolean;
};

const richest: Dialect = { format: "json_schema", limit: "max_tokens", temperature: true };
const poorer = { json_schema: "json_object", json_object: "words", words: "words" } as const;

export type Dialects = ReturnType<typeof createDialects>;

/**
 * What the process has learned of each model's dialect from refusals.
 * @param onAdapted told each time something was learned, with the server's words.
 */
export function createDialects(
  onAdapted: (model: string, dialect: Dialect, reason: string) => void,
) {
  const known = new Map<string, Dialect>();
  const of = (model: string): Dialect => known.get(model) ?? richest;
  return {
    of,
    /**
     * Reads a refusal of a request in the dialect `used`, which `of` gave.
     * @returns whether the request should be made again, in what is now the model's dialect.
     */
    adapt(model: string, used: Dialect, refusal: { status: number; message: string }): boolean {
      const wanted = adapted(used, refusal);
      if (!wanted) return false;
      // Calls under way at the same time learn the same thing once.
      if (of(model) === used) {
        known.set(model, wanted);
        onAdapted(model, wanted, refusal.message);
      }
      return true;
    },
  };
}

function adapted(used: Dialect, refusal: { status: number; message: string }): Dialect | undefined {
  const { status, message } = refusal;
  if (status !== 400 && status !== 422) return undefined;
  if (used.limit === "max_tokens" && message.includes("max_completion_tokens")) {
    return { ...used, limit: "max_completion_tokens" };
  }
  if (used.temperature && /temperature/i.test(message) && /support/i.test(message)) {
    return { ...used, temperature: false };
  }
  // A schema that the server finds wrong is our mistake, which plain JSON would only hide.
  const isAboutFormat = /response.?format|json_schema|json_object|structured.?output/i.test(
    message,
  );
  if (!isAboutFormat || /invalid.?(json.?)?schema/i.test(message)) return undefined;
  if (used.format === "words") return undefined;
  return { ...used, format: poorer[used.format] };
}
