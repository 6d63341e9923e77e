/** Why an answer ended, of the many words that servers have for it. */
export type Finish = "done" | "length" | "content_filter" | "refusal" | "error";

const words: [Exclude<Finish, "done">, RegExp][] = [
  ["length", /^(?:length|model_length|max_tokens|max_length|max_output_tokens)$/],
  // Gemini's own words come through its compatible endpoint; some stand behind `content_filter: `.
  [
    "content_filter",
    /^(?:content_filter|content_filtered|(?:image_)?safety|(?:image_)?recitation|blocklist|(?:image_)?prohibited_content|spii|sensitive)\b/,
  ],
  ["refusal", /^refusal$/],
  [
    "error",
    /^(?:error|abort|aborted|network_error|insufficient_system_resource|malformed_function_call)$/,
  ],
];

/** Words that are not known, or none, are an ordinary end: `stop`, `eos`, `STOP`, `tool_calls`, ``. */
export function finishOf(reason: string | null | undefined): Finish {
  const word = (reason ?? "").trim().toLowerCase();
  return words.find(([, pattern]) => pattern.test(word))?.[0] ?? "done";
}
