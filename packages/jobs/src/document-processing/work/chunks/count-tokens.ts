/**
 * A counter of tokens by o200k_base. Its tables take 80 MB and a second, so they are read when the
 * first document comes.
 */
export async function loadTokenCounter(): Promise<(text: string) => number> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a control token of a model is text here, as any other.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, options);
}
