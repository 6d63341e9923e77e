import { createHash, timingSafeEqual } from "node:crypto";

/** True for the same text, in a time that tells nothing of either. */
export function isSameKey(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
