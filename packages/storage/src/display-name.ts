/** Characters of a name at most. */
const longest = 255;

/**
 * A file's name as its sender gave it, to be shown: without folders, control and direction
 * characters and halves of surrogate pairs, in NFC, 255 characters at most. Never a path.
 */
export function displayName(given: string | undefined): string {
  const last = (given ?? "").split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .toWellFormed()
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .normalize("NFC")
    .trim();
  const named = /^\.*$/.test(clean) ? "file" : clean;
  if (named.length <= longest) return named;
  const extension = /\.[^.]{1,10}$/u.exec(named)?.[0] ?? "";
  return named.slice(0, longest - extension.length).toWellFormed() + extension;
}
