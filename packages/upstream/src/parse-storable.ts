/** Text without what Postgres cannot store: NUL, and halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** JSON whose texts and names of fields can be stored. @throws SyntaxError */
export function parseStorable(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown) => {
    if (typeof value === "string") return storableText(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const named = Object.entries(value).map(([name, field]) => [storableText(name), field]);
    return Object.fromEntries(named);
  });
}
