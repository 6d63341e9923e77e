import type { SpentCall } from "@ilgam/db";
import { expect, test } from "vitest";
import { createSpending } from "./spending.ts";

const attempt = { id: "019a0000-0000-7000-8000-000000000001", epoch: 3 };

test("each call is told at once; what could not be stored goes along with the settlement", async () => {
  const told: SpentCall[] = [];
  const { spend, untold, flush } = createSpending(attempt, async (call) => {
    told.push(call);
    if (call.model === "lost") throw new Error("Postgres is away");
  });
  spend({ tokens: 5, cost: 0.5, model: "kept" });
  spend({ tokens: 6, cost: 0.6, model: "lost" });
  expect(told).toMatchObject([
    { jobId: attempt.id, epoch: 3, tokens: 5, cost: 0.5, unpricedTokens: 0 },
    { model: "lost" },
  ]);
  await flush();
  expect(untold()).toEqual([told[1]]);
});

test("tokens without a price are told apart from those that cost nothing", () => {
  const { spend, spent } = createSpending(attempt, async () => undefined);
  spend({ tokens: 10, cost: 0.5, model: "a" });
  spend({ tokens: 3, cost: null, model: "a" });
  spend({ tokens: 2, model: "b" });
  spend({ tokens: 7, cost: 0, model: "free" });
  expect(spent()).toEqual([
    { model: "a", tokens: 13, unpricedTokens: 3, cost: 0.5 },
    { model: "b", tokens: 2, unpricedTokens: 2, cost: 0 },
    { model: "free", tokens: 7, unpricedTokens: 0, cost: 0 },
  ]);
});

test("nonsense is kept within what the attempt's columns hold", () => {
  const { spend, spent } = createSpending(attempt, async () => undefined);
  spend({ tokens: 1e12, cost: Number.POSITIVE_INFINITY });
  spend({ tokens: Number.NaN, cost: -1 });
  spend({ tokens: 1.6, cost: Number.NaN, model: `\0${"x".repeat(200)}` });
  expect(spent()).toEqual([
    { model: "", tokens: 2 ** 31 - 1, unpricedTokens: 0, cost: 999_999 },
    { model: "x".repeat(100), tokens: 2, unpricedTokens: 0, cost: 0 },
  ]);
});
