import { beforeAll, expect, test } from "vitest";
import { startUpstream } from "./counting.ts";
import { type Api, createStand } from "./stand.ts";

type Job = {
  status: string;
  progress: { current: number; total: number };
  results: { keyword: string; counts: Record<string, number> }[];
};

let api: Api;

beforeAll(async () => {
  const upstream = await startUpstream(10);
  const stand = await createStand(upstream.env);
  api = await stand.startApi();
  await stand.startProductWorker();
}, 60_000);

/** The document's front end, line by line; `fetch` resolves addresses as its page does. */
function frontEnd(keywords: string[], page: { onDone: (job: Job) => void }) {
  const fetch = (address: string, init?: RequestInit) =>
    globalThis.fetch(new URL(address, api.url), init);
  const shown: Job["progress"][] = [];
  const localStorage = new Map<string, Record<string, number>>();
  const updateProgress = (progress: Job["progress"]) => void shown.push(progress);
  const saveToLocalStorage = (result: Job["results"][number]) =>
    void localStorage.set(result.keyword, result.counts);

  const run = async () => {
    const response = await fetch("/api/documents/batch", {
      method: "POST",
      body: JSON.stringify({ keywords }),
    });
    const { jobId } = (await response.json()) as { jobId: string };

    const poll = async () => {
      const status = await fetch(`/api/documents/status?jobId=${jobId}`);
      const { job } = (await status.json()) as { job: Job };
      updateProgress(job.progress);
      job.results.forEach((result) => {
        saveToLocalStorage(result);
      });
      if (job.status === "completed") {
        clearInterval(interval);
        page.onDone(job);
      }
    };
    const interval = setInterval(() => void poll(), 2000);
    return jobId;
  };
  return { run, shown, localStorage };
}

test("the document's own client, polling every 2 s, gets every count", async () => {
  const keywords = Array.from({ length: 100 }, (_, index) => `맥북 ${index}`);
  const done = Promise.withResolvers<Job>();
  const client = frontEnd(keywords, { onDone: done.resolve });
  const { shown, localStorage } = client;
  const jobId = client.run();
  const job = await done.promise;
  expect(await jobId).toMatch(/^batch_\d+_[a-z0-9]+$/);
  expect(job.results.map(({ keyword }) => keyword)).toEqual(keywords);
  expect(new Set(localStorage.keys()), "whatever came first").toEqual(new Set(keywords));
  expect([...localStorage.values()].every(({ blog }) => Number.isInteger(blog))).toBe(true);
  expect(shown[0]?.current, "it saw the batch grow").toBeLessThan(100);
  expect(shown.at(-1)).toEqual({ current: 100, total: 100 });
}, 60_000);
