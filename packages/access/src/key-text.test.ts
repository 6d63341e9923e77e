import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { keyPartsOf, newKey } from "./key-text.ts";

test("a key is ilg_live_<id>_<secret>, with more than 32 bytes of chance, and proves its hash", () => {
  const { text, id, hash } = newKey();
  const [, ownId, secret = ""] = /^ilg_live_([0-9A-Za-z]{16})_([0-9A-Za-z]{49})$/.exec(text) ?? [];
  expect(ownId).toBe(id);
  expect(hash).toEqual(createHash("sha256").update(secret).digest());
  expect(keyPartsOf(text)).toEqual({ id, hash });
  expect(43 * Math.log2(62)).toBeGreaterThan(256);
});

test("no two keys share an id or a secret", () => {
  const keys = Array.from({ length: 1_000 }, newKey);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1_000);
  expect(new Set(keys.map(({ hash }) => hash.toString("hex"))).size).toBe(1_000);
});

test("a mistyped, cut or foreign text is no key", () => {
  const { text } = newKey();
  const swapped = text.replace(/(.)$/, (last) => (last === "a" ? "b" : "a"));
  for (const other of [
    ...["", "ilg_live_", swapped, text.slice(0, -1), `${text}a`, ` ${text}`, `${text}\n`],
    ...[text.replace("live", "test"), text.toLowerCase(), "ilg_live_한국_키", "x".repeat(100_000)],
  ]) {
    expect(keyPartsOf(other), other.slice(0, 100)).toBeUndefined();
  }
});
