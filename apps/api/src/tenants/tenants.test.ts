import { newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { createTestKey } from "../fixtures/test-keys.ts";

const { call, run, db } = await createTestApi({ AUTH_MODE: "required", ADMIN_API_KEY: "k" });
const asPublic = (await createTestKey(db, "public")).headers;
const operator = { authorization: "Bearer k" };
const failed = { type: "failed", error: { code: "x", message: "x" } } as const;

async function submitAs(tenantId: string, tag = tenantId): Promise<string> {
  const job = { kind: "echo", input: { text: "a" }, tags: [tag] };
  const { body } = await call("POST", "/v1/jobs", job, operator);
  await db.sql.query("UPDATE jobs SET tenant_id = $2 WHERE id = $1", [body.id, tenantId]);
  return body.id;
}

async function batchOf(tenantId: string): Promise<string> {
  const id = newId();
  await db.sql.query(
    `INSERT INTO batches (id, public_id, tenant_id, kind, total) VALUES ($1, $2, $3, 'echo', 1)`,
    [id, `batch_${id}`, tenantId],
  );
  const jobId = await submitAs(tenantId);
  await db.sql.query("UPDATE jobs SET batch_id = $2, position = 0 WHERE id = $1", [jobId, id]);
  return id;
}

test("an operator reads any tenant's job by its id, and its view says whose it is", async () => {
  const id = await submitAs("public");
  await run(id);
  for (const part of ["", "/result", "/events", "/attempts"]) {
    const answer = await call("GET", `/v1/jobs/${id}${part}`, undefined, operator);
    expect(answer.status, part).toBe(200);
  }
  const { body } = await call("GET", `/v1/jobs/${id}`, undefined, operator);
  expect(body).toMatchObject({ id, tenant: "public" });
});

test("an operator cancels and retries any tenant's job, which stays its tenant's", async () => {
  const id = await submitAs("public");
  const cancelled = await call("POST", `/v1/jobs/${id}/cancel`, undefined, operator);
  expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled", tenant: "public" } });
  const retried = await call("POST", `/v1/jobs/${id}/retry`, undefined, operator);
  expect(retried).toMatchObject({ status: 200, body: { run: 2, tenant: "public" } });
});

test("an operator lists the jobs of all tenants, newest first, or of one", async () => {
  const ids: string[] = [];
  for (const tenant of ["one", "two", "one"]) ids.push(await submitAs(tenant, "listed"));
  const list = async (query: string) => {
    const { body } = await call("GET", `/v1/jobs?tag=listed&${query}`, undefined, operator);
    return { ...body, ids: (body.jobs as { id: string }[]).map((job) => job.id) };
  };
  expect((await list("")).ids).toEqual(ids.toReversed());
  expect((await list("tenant=one")).ids).toEqual([ids[2], ids[0]]);
  expect((await list("tenant=none")).ids).toEqual([]);
  const first = await list("limit=2");
  const second = await list(`limit=2&cursor=${(first as { nextCursor?: string }).nextCursor}`);
  expect([...first.ids, ...second.ids]).toEqual(ids.toReversed());
});

test("an operator changes by filter what the listing shows, of all tenants or of one", async () => {
  const ids = [await submitAs("one", "mixed"), await submitAs("two", "mixed")];
  for (const id of ids) await run(id, failed);
  const retry = (filter: object, dryRun: boolean) =>
    call("POST", "/v1/jobs/retry", { filter: { tag: "mixed", ...filter }, dryRun }, operator);
  expect((await retry({ tenant: "one" }, true)).body).toMatchObject({ matched: 1, ids: [ids[0]] });
  expect((await retry({}, false)).body).toMatchObject({ matched: 2, changed: 2 });
  const cancel = { filter: { tag: "mixed" }, dryRun: false };
  const cancelled = await call("POST", "/v1/jobs/cancel", cancel, operator);
  expect(cancelled.body).toMatchObject({ matched: 2, changed: 2 });
});

test("an operator reads and cancels any tenant's batch", async () => {
  const id = await batchOf("public");
  const read = await call("GET", `/v1/batches/${id}`, undefined, operator);
  expect(read).toMatchObject({ status: 200, body: { tenant: "public", counts: { queued: 1 } } });
  const cancelled = await call("POST", `/v1/batches/batch_${id}/cancel`, undefined, operator);
  expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
  const { body } = await call("GET", "/v1/batches?tenant=public", undefined, operator);
  expect(body.batches).toMatchObject([{ id }]);
});

test("others list and filter their own jobs only, and may not name another tenant", async () => {
  const ids = [await submitAs("default", "shared"), await submitAs("public", "shared")];
  const list = (query: string) => call("GET", `/v1/jobs?tag=shared${query}`, undefined, asPublic);
  expect((await list("")).body.jobs).toMatchObject([{ id: ids[1], tenant: "public" }]);
  expect((await list("&tenant=public")).body.jobs).toHaveLength(1);
  expect(await list("&tenant=default")).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const cancel = (filter: object) =>
    call("POST", "/v1/jobs/cancel", { filter: { tag: "shared", ...filter } }, asPublic);
  expect((await cancel({})).body).toMatchObject({ matched: 1, ids: [ids[1]] });
  expect((await cancel({ tenant: "default" })).status).toBe(403);
  const batches = await call("GET", "/v1/batches?tenant=default", undefined, asPublic);
  expect(batches.status).toBe(403);
});
