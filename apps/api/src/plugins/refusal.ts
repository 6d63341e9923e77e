import {
  ApiError,
  type ApiErrorCode,
  apiErrorStatus,
  type FieldProblem,
  type Language,
  type RowProblem,
} from "@ilgam/contracts";
import { Overloaded, Unavailable } from "@ilgam/db";
import { StorageError } from "@ilgam/storage";
import { ZodError } from "zod";
import { fieldProblems, InvalidInput } from "./zod-validator.ts";

/** An error as the client may know it. */
export type Refusal = {
  code: ApiErrorCode;
  status: number;
  values: Record<string, string | number>;
  details: FieldProblem[] | undefined;
  rows: RowProblem[] | undefined;
  retryAfterSeconds: number | undefined;
};

function refuse(
  code: ApiErrorCode,
  more: Partial<Pick<Refusal, "values" | "details" | "rows" | "retryAfterSeconds">> = {},
): Refusal {
  return {
    code,
    status: apiErrorStatus[code],
    values: more.values ?? {},
    details: more.details,
    rows: more.rows,
    retryAfterSeconds: more.retryAfterSeconds,
  };
}

/** Codes of the framework's and Node's own refusals, by HTTP status. */
const codeOfStatus: Record<number, ApiErrorCode> = {
  404: "not_found",
  413: "payload_too_large",
  414: "not_found",
  415: "unsupported_encoding",
  429: "too_many_requests",
};

function refusalOfInput(error: InvalidInput | ZodError, language: Language): Refusal {
  const under = error instanceof InvalidInput ? error.under : [];
  const whole = error instanceof InvalidInput && error.isWholeValue;
  return refuse(whole ? "invalid_request" : "invalid_field", {
    details: fieldProblems(error.issues, language, under),
  });
}

/** Postgres refused the values themselves (class 22): the client's, whatever let them through. */
function isDataException(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^22[0-9A-Z]{3}$/.test(code);
}

/**
 * Which refusal an error is; everything unknown is `internal`, whose cause never leaves.
 * @param bodyLimitBytes named in the refusal of a larger body.
 */
export function refusalOf(error: unknown, language: Language, bodyLimitBytes: number): Refusal {
  if (error instanceof ApiError) {
    const { values, details, rows, retryAfterSeconds } = error;
    const wait = error.statusCode === 503 || error.statusCode === 429 ? 1 : undefined;
    return refuse(error.code, {
      values,
      details,
      rows,
      retryAfterSeconds: retryAfterSeconds ?? wait,
    });
  }
  if (error instanceof StorageError) {
    if (error.code === "missing") return refuse("file_not_found");
    return refuse("storage_unavailable", { retryAfterSeconds: 10 });
  }
  if (error instanceof InvalidInput || error instanceof ZodError) {
    return refusalOfInput(error, language);
  }
  if (error instanceof Unavailable) return refuse("unavailable", { retryAfterSeconds: 2 });
  if (error instanceof Overloaded) return refuse("overloaded", { retryAfterSeconds: 1 });
  if (isDataException(error)) return refuse("invalid_field");
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (typeof status !== "number" || status < 400 || status >= 500) return refuse("internal");
  const code = codeOfStatus[status] ?? "invalid_request";
  return refuse(code, code === "payload_too_large" ? { values: { limit: bodyLimitBytes } } : {});
}
