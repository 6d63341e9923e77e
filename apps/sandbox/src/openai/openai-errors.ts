/** An error as the OpenAI API sends it. */
export type OpenaiError = {
  status: number;
  body: { error: { message: string; type: string; param: string | null; code: string | null } };
};

/** @param about the parameter and the code that the service names, where it does. */
export function openaiError(
  status: number,
  message: string,
  about: { param?: string; code?: string } = {},
): OpenaiError {
  const { param = null, code = null } = about;
  const type = status >= 500 ? "server_error" : (typeByStatus[status] ?? "invalid_request_error");
  return { status, body: { error: { message, type, param, code } } };
}

const typeByStatus: Record<number, string> = { 429: "requests" };

const byStatus: Record<number, OpenaiError> = {
  401: openaiError(401, "Incorrect API key provided.", { code: "invalid_api_key" }),
  404: openaiError(404, "The model does not exist or you do not have access to it.", {
    code: "model_not_found",
  }),
  429: openaiError(429, "Rate limit reached.", { code: "rate_limit_exceeded" }),
  500: openaiError(500, "The server had an error while processing your request."),
  503: openaiError(503, "The engine is currently overloaded, please try again later."),
};

/** The body the service sends with `status`. */
export function openaiErrorFor(status: number): OpenaiError["body"] {
  return (byStatus[status] ?? openaiError(status, `Scripted error ${status}.`)).body;
}
