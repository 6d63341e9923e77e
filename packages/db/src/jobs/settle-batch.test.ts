import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claimed, stateOf } from "../fixtures/jobs.ts";
import { createDatabase, type Spending } from "../index.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
afterAll(() => db.close());

const completed = (output: unknown) => ({ type: "completed", output }) as const;
const longUrl = `https://x.y/${Array.from({ length: 1_900 }, (_, at) => String.fromCodePoint(0xac00 + ((at * 7_919) % 11_172))).join("")}`;

const unstorable: [string, { output?: unknown; callbackUrl?: string; spent?: Spending[] }][] = [
  ["an output that jsonb refuses", { output: "\u0000" }],
  [
    "more tokens than a number holds",
    { spent: [{ model: "", tokens: 2 ** 40, unpricedTokens: 0, cost: 0 }] },
  ],
  ["a webhook address larger than an index entry", { callbackUrl: longUrl }],
];

test.each(unstorable)("%s fails its own settlement only", async (_, { output, spent, ...row }) => {
  const good = await Promise.all(Array.from({ length: 10 }, () => claimed(db.sql)));
  const bad = await claimed(db.sql, row);
  const jobs = [...good.slice(0, 4), bad, ...good.slice(4)];
  const results = await Promise.allSettled(
    jobs.map(({ id, epoch }) =>
      id === bad.id
        ? db.settle({ id, epoch, outcome: completed(output), spent })
        : db.settle({ id, epoch, outcome: completed(1) }),
    ),
  );
  expect(results.map((one) => one.status).filter((one) => one === "rejected")).toHaveLength(1);
  expect((await stateOf(db.sql, bad.id)).status).toBe("processing");
  for (const { id } of good) expect((await stateOf(db.sql, id)).status).toBe("completed");
});

test("one delivery settled twice at once is settled once and recognised once", async () => {
  const { id, epoch } = await claimed(db.sql);
  const outcomes = await Promise.all(
    ["a", "b"].map((output) => db.settle({ id, epoch, outcome: completed(output) })),
  );
  expect(outcomes.map((one) => one.status)).toEqual(["settled", "repeated"]);
});
