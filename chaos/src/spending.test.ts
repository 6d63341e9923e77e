import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { startAiService } from "./ai-service.ts";
import { createStand, drained } from "./stand.ts";

test("a call that was paid for counts once, though its worker is killed right after it", async () => {
  const service = await startAiService(20);
  const stand = await createStand(service.env);
  const api = await stand.startApi();
  const worker = await stand.startProductWorker();
  // Paid for and of no use; the call that is to repair it never comes back.
  const query = "부서마다 서버 성능을 비교하고 원인을 분석해 보고서를 작성해줘 (죽음)";
  const match = { contains: "죽음" };
  await service.script({ match, fault: { type: "completion", content: "{" } });
  await service.script({ match, fault: { type: "hang" } });
  const body = JSON.stringify({ type: "report", query });
  const response = await fetch(`${api.url}/api/ai/jobs`, { method: "POST", body });
  const { jobId } = (await response.json()) as { jobId: string };
  const usage = async () => {
    const [row] = await stand.query<{ jobs: number; hours: number; attempts: number }>(
      `SELECT (SELECT tokens FROM jobs WHERE id = $1)::int AS jobs,
         (SELECT sum(tokens) FROM usage_hours)::int AS hours,
         (SELECT sum(attempts) FROM usage_hours)::int AS attempts`,
      [jobId],
    );
    return row;
  };
  const hangs = async () => (await service.calls()).length >= 2 || undefined;
  await waitFor(hangs, { what: "the second call", timeoutMs: 20_000 });
  const paid = async () => (await usage())?.jobs || undefined;
  const first = await waitFor(paid, { what: "the first call to be written down" });
  await worker.kill("SIGKILL");
  expect(await usage()).toEqual({ jobs: first, hours: first, attempts: 1 });

  await stand.startProductWorker();
  await drained(stand);
  const [last] = await stand.query<{ status: string }>("SELECT status FROM jobs WHERE id = $1", [
    jobId,
  ]);
  expect(last?.status).toBe("completed");
  const attempts = await stand.query<{ outcome: string; tokens: number }>(
    "SELECT outcome, tokens FROM job_attempts WHERE job_id = $1 ORDER BY epoch",
    [jobId],
  );
  expect(attempts).toMatchObject([
    { outcome: "lost", tokens: first },
    { outcome: "completed", tokens: expect.any(Number) },
  ]);
  const total = attempts.reduce((sum, { tokens }) => sum + tokens, 0);
  expect(total).toBeGreaterThan(first);
  expect(await usage()).toEqual({ jobs: total, hours: total, attempts: 2 });
}, 90_000);
