import { waitFor } from "@ilgam/testing";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createStand, submitProbes } from "./stand.ts";
import { startReceiver } from "./webhook-receiver.ts";

type Deliveries = {
  deliveries: { id: string; status: string; event: string; attempts: { error: string | null }[] }[];
};

async function ask<Answer>(url: string, method = "GET"): Promise<Answer> {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  return (await response.json()) as Answer;
}

describe("callbacks to a receiver that fails 30 % of the time, while a worker is killed", () => {
  test("each end is told at least once, under one id, with a signature that verifies", async () => {
    // Three calls of ten: an error, a reset, and one that is never answered.
    const faults = ["ok", "500", "ok", "ok", "reset", "ok", "ok", "ok", "slow", "ok"] as const;
    const receiver = await startReceiver((call) => faults[call % 10] ?? "ok");
    const stand = await createStand();
    const api = await stand.startApi();
    const env = {
      ...{ WORKER_QUEUES: "webhook-delivery", WEBHOOK_ALLOW_PRIVATE: "1" },
      ...{ WEBHOOK_DELIVERY_RETRY_MS: "2", WEBHOOK_TIMEOUT_MS: "1000", NAVER_CLIENT_ID: "none" },
      NAVER_CLIENT_SECRET: "none",
    };
    await stand.startWorker({ CHAOS_SWEEP: "off" });
    const first = await stand.startProductWorker(env);
    const hooked = { callbackUrl: receiver.url };
    const done = await submitProbes(api, new Array(40).fill({ echo: "봄" }), hooked);
    const failed = await submitProbes(api, new Array(10).fill({ outcome: "give_up" }), hooked);
    const late = await submitProbes(api, new Array(10).fill({}), { ...hooked, delayMs: 3_600_000 });
    for (const id of late) await ask(`${api.url}/v1/jobs/${id}/cancel`, "POST");
    // The eighth call waits for an answer: it is in the hand of the worker that is killed.
    await waitFor(() => receiver.hooks.length >= 8, { what: "first callbacks" });
    await first.kill("SIGKILL");
    await stand.startProductWorker(env);
    const lost = () => stand.query("SELECT 1 FROM job_attempts WHERE outcome = 'lost'");
    await waitFor(async () => (await lost()).length > 0, { what: "a delivery lost by the kill" });

    const events = new Map<string, string>([
      ...done.map((id) => [id, "job.completed"] as const),
      ...failed.map((id) => [id, "job.failed"] as const),
      ...late.map((id) => [id, "job.cancelled"] as const),
    ]);
    const told = () => receiver.hooks.filter((hook) => hook.accepted);
    const subjectOf = (body: string) => JSON.parse(body).data.id as string;
    await waitFor(() => new Set(told().map((hook) => subjectOf(hook.body))).size === events.size, {
      what: "every job's callback",
      timeoutMs: 60_000,
    });
    const { secret } = await ask<{ secret: string }>(`${api.url}/v1/webhook-secret`);
    const verifier = new Webhook(secret);
    const idOf = new Map<string, string>();
    for (const { id, headers, body } of receiver.hooks) {
      const { type, data } = verifier.verify(body, headers) as {
        type: string;
        data: { id: string; result: unknown; error: unknown };
      };
      expect(type).toBe(events.get(data.id));
      expect(data.result !== null).toBe(type === "job.completed");
      expect(data.error !== null).toBe(type !== "job.completed");
      expect(idOf.get(data.id) ?? id).toBe(id);
      idOf.set(data.id, id);
    }
    expect(new Set(idOf.values()).size).toBe(events.size);

    const [some = ""] = done;
    const url = `${api.url}/v1/jobs/${some}/deliveries`;
    const delivered = async () => {
      const { deliveries } = await ask<Deliveries>(url);
      return deliveries.every((one) => one.status === "delivered") ? deliveries : undefined;
    };
    const [delivery] = await waitFor(delivered, { what: "the log" });
    const before = receiver.hooks.length;
    await ask(`${url}/${delivery?.id}/redeliver`, "POST");
    await waitFor(
      () => receiver.hooks.slice(before).some((hook) => subjectOf(hook.body) === some),
      {
        what: "the callback once more",
      },
    );
    expect(receiver.hooks.at(before)?.id).toBe(`msg_${delivery?.id}`);
    const listed = await ask<{ jobs: { kind: string }[] }>(`${api.url}/v1/jobs?limit=100`);
    expect(new Set(listed.jobs.map((job) => job.kind))).toEqual(new Set(["probe"]));
  }, 120_000);

  test("without leave from the operator nothing is sent to a private address", async () => {
    const receiver = await startReceiver(() => "ok");
    const stand = await createStand();
    const api = await stand.startApi();
    await stand.startWorker({ CHAOS_SWEEP: "off" });
    await stand.startProductWorker({ NAVER_CLIENT_ID: "none", NAVER_CLIENT_SECRET: "none" });
    const [id] = await submitProbes(api, [{}], { callbackUrl: receiver.url });
    const refused = async () => {
      const { deliveries } = await ask<Deliveries>(`${api.url}/v1/jobs/${id}/deliveries`);
      return deliveries.find((one) => one.status === "failed");
    };
    const { attempts } = await waitFor(refused, { what: "the refusal" });
    expect(attempts).toHaveLength(1);
    expect(attempts[0]?.error).toContain("WEBHOOK_ALLOW_PRIVATE");
    expect(receiver.hooks).toEqual([]);
  }, 60_000);
});
