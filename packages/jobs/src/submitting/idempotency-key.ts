import { ApiError, type Language, message } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";

/**
 * The request's Idempotency-Key; undefined without one.
 * @throws ApiError invalid_field
 */
export function idempotencyKeyOf(
  headers: FastifyRequest["headers"],
  language: Language,
): string | undefined {
  const key = headers["idempotency-key"]?.toString();
  if (key === undefined || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  const problem = message("idempotency_key_form", language);
  throw new ApiError("invalid_field", { details: [{ path: "Idempotency-Key", problem }] });
}
