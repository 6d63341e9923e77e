export type Language = "ko" | "en";

/** Sentences by name; `{name}` in one is filled from the values given. */
export type Sentences = Record<string, Record<Language, string>>;
