/** The one way to run SQL: rows of the statement, parameters as `$1…`. */
export type Sql = {
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
};

/** Postgres cannot be reached or cannot write now. Whether the statement took effect is unknown. */
export class Unavailable extends Error {
  constructor(cause: unknown) {
    super("Postgres is not available", { cause });
    this.name = "Unavailable";
  }
}

/** A bounded queue in front of Postgres is full; nothing was done. */
export class Overloaded extends Error {
  constructor() {
    super("too many writes are waiting for Postgres");
    this.name = "Overloaded";
  }
}

const unavailableStates = new Set(["57P01", "57P02", "57P03", "53300", "53200", "53100", "25006"]);
const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ENOENT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ECONNABORTED",
]);
const driverSentences =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed|cannot use a pool/i;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

const writeStates = new Set(["53100", "25006"]);

/** True when Postgres answers and cannot write: its disk is full, or it is read-only. */
export function isWriteRefused(error: unknown): boolean {
  return writeStates.has(codeOf(error instanceof Unavailable ? error.cause : error));
}

/** True when the error says that Postgres is away, restarting, full or read-only. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Unavailable) return true;
  const code = codeOf(error);
  if (code.startsWith("08") || unavailableStates.has(code) || networkCodes.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return code === "" && error instanceof Error && driverSentences.test(error.message);
}

/**
 * True when a row of the statement is to blame: try the others without it. Wrong data (class 22), a
 * constraint (23), too large for an index or too deep (54; RangeError when JSON.stringify says it).
 */
export function isBadRow(error: unknown): boolean {
  return error instanceof RangeError || /^(22|23|54)/.test(codeOf(error));
}

/** True when the same statement may simply be run again: deadlock or serialisation failure. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40P01" || code === "40001";
}
