import { ApiError } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";

/**
 * The request's Idempotency-Key, or undefined without one.
 * @throws ApiError invalid_field unless it is 1–255 printable ASCII characters.
 */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ApiError("invalid_field", {
    details: [{ path: "Idempotency-Key", problem: "must be 1 to 255 printable ASCII characters" }],
  });
}
