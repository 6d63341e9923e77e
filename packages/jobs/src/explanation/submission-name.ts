import { randomInt } from "node:crypto";
import { ApiError, type Language, message } from "@ilgam/contracts";

/** `explanations_<epoch ms>_<12 characters>`: not to be guessed. */
export function newBatchName(): string {
  const random = Array.from({ length: 12 }, () => randomInt(36).toString(36)).join("");
  return `explanations_${Date.now()}_${random}`;
}

/** The request's Idempotency-Key; @throws ApiError invalid_field */
export function checkedKey(given: string | string[] | undefined, language: Language) {
  const key = given?.toString();
  if (key === undefined || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  const problem = message("idempotency_key_form", language);
  throw new ApiError("invalid_field", { details: [{ path: "Idempotency-Key", problem }] });
}
