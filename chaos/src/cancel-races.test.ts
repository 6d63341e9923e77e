import { beforeAll, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { type Api, createStand, drained, type Stand, submitProbes } from "./stand.ts";

describe("when jobs are cancelled at any moment of their life", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
    await stand.startWorker();
    await stand.startWorker();
  }, 60_000);

  test("each has exactly one end, and a result if and only if it completed", async () => {
    const accepted: string[] = [];
    const answers: number[] = [];
    // From gone at once to alive for long, so that every machine has cancels before and after.
    const caller = async () => {
      for (let round = 0; round < 10; round += 1) {
        const [id] = await submitProbes(api, [{ sleepMs: round * 50 }]);
        accepted.push(id as string);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
        const response = await fetch(`${api.url}/v1/jobs/${id}/cancel`, { method: "POST" });
        answers.push(response.status);
      }
    };
    await Promise.all(Array.from({ length: 30 }, caller));
    await drained(stand);
    const [row] = await stand.query<{ cancelled: number }>(
      "SELECT count(*) AS cancelled FROM jobs WHERE status = 'cancelled'",
    );
    expect(answers.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(row?.cancelled, "the race was a race").toBeGreaterThan(0);
    const accepts = answers.filter((status) => status === 200).length;
    expect(row?.cancelled, "a cancel that was accepted is what happened").toBe(accepts);
    await expectNothingLost(stand, { accepted, cancelled: row?.cancelled ?? 0 });
  }, 90_000);

  test("a running job stops and leaves no result", async () => {
    const [id] = await submitProbes(api, [{ sleepMs: 30_000 }]);
    const statusOf = async () => {
      const response = await fetch(`${api.url}/v1/jobs/${id}`);
      return ((await response.json()) as { status: string }).status;
    };
    while ((await statusOf()) !== "processing");
    await fetch(`${api.url}/v1/jobs/${id}`, { method: "DELETE" });
    await drained(stand);
    expect(await statusOf()).toBe("cancelled");
    const result = await fetch(`${api.url}/v1/jobs/${id}/result`);
    expect(result.status).toBe(409);
  }, 60_000);
});
