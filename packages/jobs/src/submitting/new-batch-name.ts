import { randomInt } from "node:crypto";

/** `<what>_<epoch ms>_<12 characters>`: a batch's public id, not to be guessed. */
export function newBatchName(what: string): string {
  const random = Array.from({ length: 12 }, () => randomInt(36).toString(36)).join("");
  return `${what}_${Date.now()}_${random}`;
}
