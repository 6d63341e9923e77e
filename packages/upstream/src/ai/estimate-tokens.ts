/**
 * About how many tokens a model counts in `text`: a quarter of one for an ASCII character, and of
 * others, Hangul above all, nearly one each. The pace learns what it is off by.
 */
export function estimateTokens(text: string): number {
  let quarters = 0;
  for (let at = 0; at < text.length; at += 1) quarters += text.charCodeAt(at) < 128 ? 1 : 3;
  return Math.ceil(quarters / 4);
}
