import { beforeAll, expect, test } from "vitest";
import { type Job, type Stand, startStand } from "./fixtures/stand.ts";
import { documentsHook } from "./fixtures/use-job-polling.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({ workers: 1, env: { AI_ANALYSIS_RETRY_MS: "10" } });
}, 60_000);

/** As the page's own `fetch` resolves addresses. */
const pageFetch = (address: string, init?: RequestInit) => fetch(new URL(address, stand.url), init);

/** Renders the document's hook for a job until it no longer polls; what it showed meanwhile. */
function poll(jobId: string): Promise<Job[]> {
  const shown: Job[] = [];
  const ended = Promise.withResolvers<Job[]>();
  const hook = documentsHook(
    {
      useState: <T>(initial: T) => {
        const set = (value: T) => {
          if (value !== null && typeof value === "object") shown.push(value as unknown as Job);
          if (value === false) ended.resolve(shown);
        };
        return [initial, set];
      },
      useEffect: (effect) => void effect(),
    },
    pageFetch,
  );
  hook(jobId);
  return ended.promise;
}

test("the document's own client submits, polls every 3 s, and gets the result", async () => {
  const query = "모든 서버 분석하고 최적화 리포트 만들어줘";
  await stand.sandbox.fault({ match: { contains: query }, fault: { type: "slow", ms: 1_500 } });
  const res = await pageFetch("/api/ai/jobs", {
    method: "POST",
    body: JSON.stringify({ type: "report", query, options: { priority: "high" } }),
  });
  expect(res.ok).toBe(true);
  const { jobId, pollUrl } = (await res.json()) as { jobId: string; pollUrl: string };
  expect(pollUrl).toBe(`/api/ai/jobs/${jobId}`);
  const shown = await poll(jobId);
  expect(shown.length).toBeGreaterThan(1);
  expect(shown[0]?.status).toMatch(/queued|processing/);
  expect(shown.at(-1)).toMatchObject({ status: "completed", progress: 100, error: null });
  expect(shown.at(-1)?.result).toHaveProperty("sections");
}, 30_000);

test("the document's own client sees a failure and its reason", async () => {
  const query = "모든 서버의 실패를 분석해줘";
  await stand.sandbox.fault({
    ...{ match: { contains: query }, times: 10 },
    fault: { type: "status", status: 500 },
  });
  const jobId = await stand.submit({ type: "analysis", query });
  const shown = await poll(jobId);
  expect(shown.at(-1)).toMatchObject({ status: "failed", error: expect.stringContaining("500") });
}, 30_000);
