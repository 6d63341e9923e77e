import { waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { type Api, createStand, drained, outlastLease, type Stand, submitProbes } from "./stand.ts";

describe("when Postgres restarts or is away", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
    await stand.startWorker();
    await stand.startWorker();
  }, 60_000);

  beforeEach(async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
  });

  const count = async (status: string) => {
    const [row] = await stand.query<{ count: number }>(
      "SELECT count(*) AS count FROM jobs WHERE status = $1",
      [status],
    );
    return row?.count ?? 0;
  };

  test("an immediate restart loses nothing and executes nothing twice", async () => {
    const accepted = await submitProbes(api, Array(300).fill({ sleepMs: 100 }));
    await waitFor(async () => (await count("completed")) > 20, { what: "work to begin" });
    await stand.postgres.restart("immediate");
    expect(await count("queued"), "the fault bit").toBeGreaterThan(0);
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("while it is away submissions are refused with 503 and nothing is half-written", async () => {
    const accepted = await submitProbes(api, Array(40).fill({ sleepMs: 1_500 }));
    await waitFor(async () => (await count("processing")) === 40, { what: "40 in progress" });
    await stand.postgres.stop("immediate");
    const refused = await fetch(`${api.url}/v1/jobs`, {
      method: "POST",
      body: JSON.stringify({ kind: "probe", input: {} }),
    });
    const health = await fetch(`${api.url}/acceptz`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(health.status).toBe(503);
    // What is finished meanwhile is kept and stored later.
    await outlastLease();
    await stand.postgres.start();
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("killed backends lose nothing and end no process", async () => {
    const accepted = await submitProbes(api, Array(300).fill({ sleepMs: 50 }));
    for (let round = 0; round < 10; round += 1) {
      await stand.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE 'ilgam%' AND pid <> pg_backend_pid()`,
      );
      await waitFor(async () => (await count("completed")) > round * 10, { what: "progress" });
    }
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);
});
