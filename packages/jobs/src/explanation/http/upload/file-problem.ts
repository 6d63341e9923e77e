import { ApiError, type Language, type MessageKey, message } from "@ilgam/contracts";

/** The refusal of a file as a whole. */
export function fileProblem(
  key: MessageKey,
  language: Language,
  values: Record<string, string | number> = {},
  cause?: unknown,
): ApiError {
  const problem = message(key, language, values);
  return new ApiError("invalid_field", { details: [{ path: "file", problem }], cause });
}
