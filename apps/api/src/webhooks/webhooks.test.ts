import { assignWebhookJobs, newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const api = await createTestApi();
const callbackUrl = "https://receiver.test/hook";

/** A completed job with a callback; `jobId` delivers it. */
async function toldJob() {
  const id = await api.submit({ callbackUrl });
  await api.run(id);
  const [hook] = await api.db.sql.query<{ id: string }>(
    "SELECT id FROM webhook_deliveries WHERE subject_id = $1",
    [id],
  );
  const jobId = await api.submit();
  await assignWebhookJobs(api.db.sql, [{ id: hook?.id ?? "", jobId }]);
  return { id, deliveryId: hook?.id ?? "", jobId };
}

test("the log of a job's callbacks says where each stands", async () => {
  const { id, deliveryId, jobId } = await toldJob();
  const read = () => api.call("GET", `/v1/jobs/${id}/deliveries`);
  expect((await read()).body).toMatchObject({
    deliveries: [{ id: deliveryId, url: callbackUrl, event: "job.completed", status: "waiting" }],
  });
  await api.run(jobId);
  expect((await read()).body).toMatchObject({
    deliveries: [{ status: "delivered", nextAt: null }],
  });
});

test("a callback that has ended is sent again, one that is being sent is not", async () => {
  const { id, deliveryId, jobId } = await toldJob();
  const url = `/v1/jobs/${id}/deliveries/${deliveryId}/redeliver`;
  const { epoch } = await api.claim(jobId);
  expect(await api.call("POST", url)).toMatchObject({
    status: 409,
    body: { code: "not_finished" },
  });
  const error = { code: "network", message: "끊김" };
  await api.db.settle({ id: jobId, epoch, outcome: { type: "failed", error } });
  expect(await api.call("POST", url)).toMatchObject({ status: 202, body: { status: "waiting" } });
  const { body } = await api.call("GET", `/v1/jobs/${jobId}`);
  expect(body).toMatchObject({ status: "queued", run: 2 });
});

test("a callback that waits for its next attempt can be sent now", async () => {
  const { id, deliveryId, jobId } = await toldJob();
  const { epoch } = await api.claim(jobId);
  const error = { code: "network", message: "끊김" };
  const outcome = { type: "retry", error, delayMs: 3_600_000 } as const;
  await api.db.settle({ id: jobId, epoch, outcome });
  const url = `/v1/jobs/${id}/deliveries/${deliveryId}/redeliver`;
  const { status, body } = await api.call("POST", url);
  expect({ status, delivery: body.status }).toEqual({ status: 202, delivery: "waiting" });
  expect(Date.parse(String(body.nextAt))).toBeLessThan(Date.now() + 60_000);
});

test("a callback whose delivering job was deleted gets a new one", async () => {
  const { id, deliveryId, jobId } = await toldJob();
  await api.db.sql.query("DELETE FROM jobs WHERE id = $1", [jobId]);
  const url = `/v1/jobs/${id}/deliveries/${deliveryId}/redeliver`;
  expect(await api.call("POST", url)).toMatchObject({ status: 202 });
  const rows = await api.db.sql.query("SELECT job_id FROM webhook_deliveries WHERE id = $1", [
    deliveryId,
  ]);
  expect(rows).toEqual([{ job_id: null }]);
});

test("a delivery is found under its own job only", async () => {
  const [one, other] = [await toldJob(), await toldJob()];
  for (const deliveryId of [other.deliveryId, newId(), "x"]) {
    const url = `/v1/jobs/${one.id}/deliveries/${deliveryId}/redeliver`;
    expect(await api.call("POST", url)).toMatchObject({ status: 404 });
  }
  expect((await api.call("GET", "/v1/jobs/none/deliveries")).status).toBe(404);
  expect((await api.call("GET", "/v1/batches/none/deliveries")).status).toBe(404);
});

test("the secret stays until it is rotated; the one before signs on for a day", async () => {
  const read = async () => (await api.call("GET", "/v1/webhook-secret")).body;
  const first = await read();
  expect(first).toMatchObject({ secret: expect.stringMatching(/^whsec_/), previous: null });
  expect(await read()).toEqual(first);
  const { body } = await api.call("POST", "/v1/webhook-secret/rotate");
  expect(body).toMatchObject({ previous: { secret: first.secret } });
  expect(body.secret).not.toBe(first.secret);
  expect(await read()).toEqual(body);
});
