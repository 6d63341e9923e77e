import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { freshKeywords, startBatch, startUpstream } from "./counting.ts";
import { createStand } from "./stand.ts";

const upstream = await startUpstream(20);
const stand = await createStand(upstream.env);
const api = await stand.startApi();

type Worker = { status: string; concurrency: Record<string, number> };

async function concurrency(): Promise<number | undefined> {
  const response = await fetch(`${api.url}/v1/workers`);
  const { workers } = (await response.json()) as { workers: Worker[] };
  return workers[0]?.concurrency["document-count"];
}

const comesTo = (number: number) =>
  waitFor(async () => (await concurrency()) === number, {
    ...{ what: `a concurrency of ${number}`, timeoutMs: 40_000, everyMs: 200 },
  });

/** Every call from now on goes so. */
async function misbehave(fault: object): Promise<void> {
  const response = await fetch(`${upstream.env.NAVER_BASE_URL}/__sandbox/faults`, {
    method: "POST",
    body: JSON.stringify({ times: 1_000_000, fault }),
  });
  expect(response.status).toBeLessThan(300);
}

async function behave(): Promise<void> {
  await fetch(`${upstream.env.NAVER_BASE_URL}/__sandbox/faults`, { method: "DELETE" });
}

test("a worker asks a slow or throttling upstream by fewer at once, a healthy one by more", async () => {
  const changed = await fetch(`${api.url}/v1/queues/document-count`, {
    method: "PATCH",
    body: JSON.stringify({ adaptive: { min: 1, max: 6, targetMs: 300 } }),
  });
  expect(await changed.json()).toMatchObject({ because: { concurrency: "adaptive" } });
  await stand.startProductWorker();
  await startBatch(api, freshKeywords("하나", 1_000));
  await startBatch(api, freshKeywords("둘", 1_000));
  await comesTo(6);
  await misbehave({ type: "slow", ms: 900 });
  await comesTo(1);
  await behave();
  await comesTo(6);
  await misbehave({ type: "rate-limit", retryAfterSeconds: 1 });
  await comesTo(1);
  await behave();
  await comesTo(6);
  const reset = await fetch(`${api.url}/v1/queues/document-count`, {
    method: "PATCH",
    body: JSON.stringify({ reset: ["adaptive"] }),
  });
  expect(await reset.json()).toMatchObject({ concurrency: 4, adaptive: null });
  await comesTo(4);
}, 240_000);
