const secretName = /key|secret|token|password|authorization|cookie/i;
const masked = "[redacted]";
const maxDepth = 4;

/** A secret that is shorter would hide half the log. */
const shortestSecret = 6;

/** The name says secret; a number under it, such as of tokens, is none. */
function isSecret(name: string, value: unknown): boolean {
  return secretName.test(name) && typeof value !== "number" && typeof value !== "boolean";
}

/** A copy in which every field with a secret's name is masked; errors and other objects stay. */
export function maskFields(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) {
    return depth < maxDepth ? value.map((part) => maskFields(part, depth + 1)) : value;
  }
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype || depth >= maxDepth) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      isSecret(name, part) ? masked : maskFields(part, depth + 1),
    ]),
  );
}

/** An error without the fields that drivers add: Postgres's name the failing row's content. */
export function describeError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const why = cause instanceof Error ? { cause: describeError(cause) } : {};
  return { name, message, code, stack, ...why };
}

const credentialsInAddress = /(:\/\/)[^\s"/]*@/g;
const bearer = /\b(Bearer|Basic)\s+[^\s"\\]+/gi;
/** Our API keys, whose id stays: it is no secret, and tells which key it was. */
const apiKey = /(ilg_live_[0-9A-Za-z]+_)[0-9A-Za-z]+/g;
/** Secrets that sign callbacks. */
const webhookSecret = /\bwhsec_[\w+/=-]+/g;

/** The text without the secrets that Ilgam itself makes. */
export function scrubOwnKeys(text: string): string {
  let clean = text;
  if (clean.includes("ilg_live_")) clean = clean.replace(apiKey, `$1${masked}`);
  if (clean.includes("whsec_")) clean = clean.replace(webhookSecret, masked);
  return clean;
}

/**
 * Takes out of a finished line, of JSON or plain, what no name gives away: the account in an address (as
 * drivers' error messages quote it), API keys and the secrets of callbacks, any bearer key, and the
 * values of the environment's secrets.
 */
export function createScrubber(env: Record<string, string | undefined>): (line: string) => string {
  const secrets = secretsOf(env).flatMap((secret) => [JSON.stringify(secret).slice(1, -1), secret]);
  return (line) => {
    let clean = scrubOwnKeys(line);
    if (clean.includes("@")) clean = clean.replace(credentialsInAddress, `$1${masked}@`);
    clean = clean.replace(bearer, `$1 ${masked}`);
    for (const secret of secrets) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, masked);
    }
    return clean;
  };
}

/** Longest first, so that one that contains another goes whole. */
function secretsOf(env: Record<string, string | undefined>): string[] {
  const values = Object.entries(env).flatMap(([name, value = ""]) => [
    ...(secretName.test(name) ? [value] : []),
    ...passwordsIn(value),
  ]);
  const long = values.filter((value) => value.length >= shortestSecret);
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

function passwordsIn(value: string): string[] {
  if (!value.includes("://") || !URL.canParse(value)) return [];
  const { password } = new URL(value);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A bare percent sign: clients of databases take it as it stands.
    return [password];
  }
}
