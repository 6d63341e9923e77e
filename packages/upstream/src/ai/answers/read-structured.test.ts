import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readStructured, readStructuredEnd } from "./read-structured.ts";

const schema = z.object({ summary: z.string(), score: z.int().min(1).max(5) });
const output = { summary: '요약 } [ \\ "}', score: 3 };
const fits = JSON.stringify(output);
const draft = '{"summary":"초안","score":1}';

describe("the object that fits", () => {
  test.each([
    fits,
    ` \n${fits}\n\n`,
    `여기 있습니다: ${fits} 더 필요하신가요?`,
    `\`\`\`json\n${fits}\n\`\`\``,
    `\`\`\`javascript\n${fits}\n\`\`\`\n설명`,
    `\`\`\`${fits}\`\`\``,
    `{대략} 이렇습니다. "따옴표 하나\n${fits}`,
    `${draft}\n${fits}`,
    `${fits}\n{"note":"끝"}`,
    `예: [1], [2]\n${fits} [3]`,
    `[${fits}]`,
    `[{"note":"x"},${fits}]`,
    `{"review":${fits}}`,
    `{"result":${JSON.stringify(fits)}}`,
    JSON.stringify(fits),
  ])("is found: %s", (text) => {
    expect(readStructured(text, schema)).toEqual({ output });
  });

  test("may be the list alone, of a schema that is a list in an object", () => {
    const tables = z.object({ tables: z.array(z.object({ title: z.string() })) });
    expect(readStructured('[{"title":"가"},{"title":"나"}]', tables)).toEqual({
      output: { tables: [{ title: "가" }, { title: "나" }] },
    });
  });
});

describe("problems", () => {
  test("are those of the longest object, by the names of its fields", () => {
    const text = `{"a":1} {"summary":"요약이 여기 있습니다","score":9} {"b":2}`;
    expect(readStructured(text, schema)).toEqual({ problems: expect.stringContaining("score") });
  });

  test.each(["모르겠습니다", '{"summary":"요', "{{{{", ""])(
    "say that it is no JSON: %j",
    (text) => {
      expect(readStructured(text, schema)).toEqual({
        problems: expect.stringContaining("not JSON"),
      });
    },
  );

  test("of two answers in a list nobody guesses which", () => {
    expect(readStructured(`[${fits},${draft}]`, schema)).toHaveProperty("problems");
  });

  test("of a text of nothing but braces come soon", () => {
    expect(readStructured("{".repeat(1_000_000), schema)).toHaveProperty("problems");
  });
});

describe("a reasoning", () => {
  test.each([
    fits,
    `그래서 답은\n${fits}`,
    `\`\`\`json\n${fits}\n\`\`\``,
    `${draft} ${fits}<|end|>`,
  ])("answers by what it ends with: %s", (text) => {
    expect(readStructuredEnd(text, schema)).toEqual({ output });
  });

  test.each([`먼저 ${fits} 인데, 그러면`, "생각만", `${fits} ${draft.slice(0, 9)}`])(
    "answers nothing by what stands within it: %s",
    (text) => {
      expect(readStructuredEnd(text, schema)).toHaveProperty("problems");
    },
  );
});
