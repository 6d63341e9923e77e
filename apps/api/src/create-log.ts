import { type DestinationStream, type Logger, pino } from "pino";

const secretName = /key|secret|token|password|authorization|cookie/i;
const masked = "[redacted]";
const maxDepth = 4;

/** A copy in which every field with a secret's name is masked; errors and other objects stay. */
function mask(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) {
    return depth < maxDepth ? value.map((part) => mask(part, depth + 1)) : value;
  }
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype || depth >= maxDepth) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      secretName.test(name) ? masked : mask(part, depth + 1),
    ]),
  );
}

/** An error without the fields that drivers add: Postgres's name the failing row's content. */
function describe(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  return { name, message, code, stack, ...(cause instanceof Error && { cause: describe(cause) }) };
}

/**
 * The process's log: JSON lines on standard output, in which nothing under a name like
 * `authorization`, `cookie` or `…key…` is ever written.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    name: "api",
    serializers: { err: (error: unknown) => (error instanceof Error ? describe(error) : error) },
    formatters: { log: (line: Record<string, unknown>) => mask(line) as Record<string, unknown> },
  };
  return destination ? pino(options, destination) : pino(options);
}
