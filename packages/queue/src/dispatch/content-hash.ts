import { createHash } from "node:crypto";

/** sha256 of a value's JSON with sorted keys: equal content has an equal hash. */
export function contentHash(value: unknown): string {
  const canonical = JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash("sha256").update(canonical).digest("hex");
}
