import { expect, test } from "vitest";
import { documentSettings } from "./settings.ts";

test("the document's numbers hold without any setting", () => {
  expect(documentSettings({ EMBEDDING_BATCH: "" })).toMatchObject({
    ...{ chunkTokens: 500, overlapTokens: 50, embeddingBatch: 16 },
    softTimeoutMs: 55 * 60_000,
  });
});

test.each([
  [{ EMBEDDING_BATCH: "15" }, /EMBEDDING_BATCH/],
  [{ DOCUMENT_CHUNK_TOKENS: "199" }, /DOCUMENT_CHUNK_TOKENS/],
  [{ DOCUMENT_CHUNK_OVERLAP: "251" }, /DOCUMENT_CHUNK_OVERLAP/],
  [{ DOCUMENT_MAX_PAGES: "viele" }, /DOCUMENT_MAX_PAGES/],
])("%j is refused by its name", (env, name) => {
  expect(() => documentSettings(env)).toThrow(name);
});

test("results are shared only between equal settings", () => {
  const of = (env: Record<string, string>) => documentSettings(env).fingerprint;
  const plain = of({});
  expect(of({ DOCUMENT_MAX_PAGES: "7", EMBEDDING_BATCH: "32" })).toEqual(plain);
  const withModel = of({ EMBEDDING_MODEL: "other" });
  expect(withModel.multimodal).not.toBe(plain.multimodal);
  expect(withModel.text).toBe(plain.text);
  expect(of({ DOCUMENT_CHUNK_TOKENS: "400" }).text).not.toBe(plain.text);
  expect(plain.text).not.toBe(plain.multimodal);
});
