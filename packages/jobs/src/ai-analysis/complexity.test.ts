import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { complexityOf } from "./complexity.ts";
import { heldOut, tuned } from "./fixtures/labelled-queries.ts";

const documentation = await readFile(
  new URL("../../../../docs/complexity.md", import.meta.url),
  "utf8",
);

/** The questions that are judged otherwise than they are labelled. */
const wrong = (labelled: typeof tuned) =>
  labelled.filter(([query, label]) => complexityOf(query).complexity !== label);

test("every one of at least 60 labelled questions that the rules were tuned on is judged right", () => {
  expect(tuned.length).toBeGreaterThanOrEqual(60);
  expect(wrong(tuned)).toEqual([]);
});

test("of the questions that no rule was tuned on, the documented share is judged right", () => {
  const share = `${heldOut.length - wrong(heldOut).length} of ${heldOut.length}`;
  expect(documentation).toContain(share);
  expect(wrong(heldOut).length).toBeLessThanOrEqual(heldOut.length / 10);
});

test("both lists hold both languages and both labels", () => {
  for (const labelled of [tuned, heldOut]) {
    for (const label of ["simple", "complex"]) {
      const queries = labelled.filter(([, own]) => own === label).map(([query]) => query);
      expect(queries.filter((query) => /\p{Script=Hangul}/u.test(query)).length).toBeGreaterThan(5);
      expect(queries.filter((query) => !/\p{Script=Hangul}/u.test(query)).length).toBeGreaterThan(
        5,
      );
    }
  }
});

const examples = [...documentation.matchAll(/^\| `([^`]+)` +\| (\d+): ([^|]+?) +\| (\w+) +\|$/gm)];

test("the documentation has examples of every rule", () => {
  const named = new Set(
    examples.flatMap(([, , , rules = ""]) => rules.match(/[a-z_]+(?= \d)/g) ?? []),
  );
  expect([...named].sort()).toEqual([
    ...["analysis", "asks", "breadth", "comparison", "hypothesis", "length", "report"],
    "time_range",
  ]);
});

test.each(examples.map(([, query, score, rules, label]) => ({ query, score, rules, label })))(
  "$query scores as documented",
  ({ query = "", score, rules, label }) => {
    // An example may stand for a longer text.
    const scored = complexityOf(query.replace(/^(.+) × (\d+)$/u, (_, text, n) => text.repeat(+n)));
    const said = scored.reasons.map(({ rule, points }) => `${rule} ${points}`).join(", ") || "none";
    expect({ score: String(scored.score), rules: said, label: scored.complexity }).toEqual({
      ...{ score, rules, label },
    });
  },
);

test("capitals, spaces and the form of the characters change nothing", () => {
  for (const [query] of [...tuned, ...heldOut]) {
    const spelled = `  ${query.toUpperCase().normalize("NFD").replaceAll(" ", " \n ")}  `;
    expect(complexityOf(spelled)).toEqual(complexityOf(query));
  }
});

test("the longest question is judged, whatever it is made of", () => {
  for (const piece of ["가", "?", " ", "🔥", "분석하고 ", "last 30 days ", "a?"]) {
    expect(complexityOf(piece.repeat(10_000 / piece.length)).score).toBeGreaterThanOrEqual(0);
  }
});
