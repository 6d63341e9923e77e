import { expect, test } from "vitest";
import { DocumentCountPayload, Keyword } from "./contract.ts";

test("spellings that look the same are one keyword", () => {
  const composed = "맥북";
  expect(Keyword.parse(`  ${composed.normalize("NFD")}\n`)).toBe(composed);
  expect(Keyword.parse("mac  book")).toBe("mac  book");
});

test("a keyword has 100 characters at most, whatever they take to store", () => {
  expect(Keyword.parse("👍".repeat(100))).toHaveLength(200);
  expect(Keyword.safeParse("👍".repeat(101)).success).toBe(false);
  // 300 units before normalisation, 100 characters after it.
  expect(Keyword.parse("각".repeat(100).normalize("NFD"))).toHaveLength(100);
});

test("every refusal says in Korean what is wrong, and names its sentence", () => {
  const refusals = [" ", "가".repeat(101), "맥\u0000북", "\ud800"].map((keyword) => {
    const { error } = Keyword.safeParse(keyword);
    return error?.issues.map((issue) => ({ ...issue }));
  });
  expect(refusals).toMatchObject([
    [{ message: "키워드가 비어 있습니다.", params: { message: "keyword_blank" } }],
    [{ message: "키워드는 100자까지 쓸 수 있습니다." }],
    [{ params: { message: "keyword_unusable" } }],
    [{ params: { message: "keyword_unusable" } }],
  ]);
});

test("blog, cafe and news are asked unless sources are named, each once", () => {
  expect(DocumentCountPayload.parse({ keyword: "맥북" }).sources).toEqual(["blog", "cafe", "news"]);
  const named = DocumentCountPayload.parse({ keyword: "맥북", sources: ["kin", "blog", "kin"] });
  expect(named.sources).toEqual(["kin", "blog"]);
});
