import { createHash } from "node:crypto";
import { findUsableApiKey } from "@ilgam/db";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { createTestKey } from "../fixtures/test-keys.ts";
import { adminKey } from "../fixtures/test-login.ts";

const { call, db } = await createTestApi({ AUTH_MODE: "required", ADMIN_API_KEY: adminKey });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const admin = bearer(adminKey);
const job = { kind: "echo", input: { text: "a" } };

type Made = { key: string; id: string };
async function make(more: Record<string, unknown> = {}): Promise<Made> {
  const wanted = { tenant: "acme", name: "ci", scopes: ["submit", "read"], ...more };
  const { status, body } = await call("POST", "/v1/keys", wanted, admin);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body as unknown as Made;
}
const statusOf = async (key: string, method = "GET", url = "/v1/jobs", body?: unknown) =>
  (await call(method, url, body, bearer(key))).status;

test("a key is shown once, works at once, and what it submits is its tenant's", async () => {
  const wanted = { tenant: "acme", name: "ci", scopes: ["submit", "read", "submit"] };
  const made = await call("POST", "/v1/keys", wanted, admin);
  expect(made).toMatchObject({ status: 201, headers: { "cache-control": "no-store" } });
  const { key, ...view } = made.body as unknown as Made;
  expect(key).toMatch(/^ilg_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
  expect(view).toMatchObject({
    ...{ tenant: "acme", name: "ci", scopes: ["submit", "read"], status: "active" },
    ...{ expiresAt: null, revokedAt: null, lastUsedAt: null, id: key.split("_")[2] },
  });
  const submitted = await call("POST", "/v1/jobs", job, bearer(key));
  expect(submitted).toMatchObject({ status: 202, body: { tenant: "acme" } });
  const listed = await call("GET", "/v1/keys", undefined, admin);
  expect(JSON.stringify(listed.body)).toContain(view.id);
  expect(JSON.stringify(listed.body)).not.toContain(key.split("_")[3]);
});

test("the database holds a hash of the secret, and nothing that opens anything", async () => {
  const { key, id } = await make();
  const rows = await db.sql.query("SELECT api_keys::text AS row FROM api_keys");
  const secret = key.split("_")[3] ?? "";
  expect(JSON.stringify(rows)).not.toContain(secret);
  const stored = await findUsableApiKey(db.sql, id);
  const digest = createHash("sha256").update(secret).digest("hex");
  expect(Buffer.from(stored?.hash ?? []).toString("hex")).toBe(digest);
});

test("a revoked key is refused at once, stays listed, and cannot be brought back", async () => {
  const { key, id } = await make({ tenant: "gone" });
  expect(await statusOf(key)).toBe(200);
  const revoked = await call("DELETE", `/v1/keys/${id}`, undefined, admin);
  expect(revoked).toMatchObject({ status: 200, body: { id, status: "revoked" } });
  expect(await statusOf(key)).toBe(401);
  const again = await call("DELETE", `/v1/keys/${id}`, undefined, admin);
  expect(again.body).toEqual(revoked.body);
  const { body } = await call("GET", "/v1/keys?tenant=gone", undefined, admin);
  expect(body.keys).toMatchObject([{ id, status: "revoked" }]);
  const unknown = await call("DELETE", "/v1/keys/none", undefined, admin);
  expect(unknown).toMatchObject({ status: 404, body: { code: "key_not_found" } });
});

test("a key works until it expires, and one that has expired is not made", async () => {
  const { key, id } = await make({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(await statusOf(key)).toBe(200);
  const old = await make();
  await db.sql.query("UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = $1", [
    old.id,
  ]);
  expect(await statusOf(old.key)).toBe(401);
  const { body } = await call("GET", "/v1/keys?limit=2", undefined, admin);
  expect(body.keys).toMatchObject([
    { id: old.id, status: "expired" },
    { id, status: "active" },
  ]);
  const passed = { tenant: "new-one", name: "x", scopes: ["read"] };
  const refused = await call(
    "POST",
    "/v1/keys",
    { ...passed, expiresAt: "2020-01-01T00:00:00Z" },
    admin,
  );
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "expiresAt" }] } });
  const tenants = await db.sql.query("SELECT 1 FROM tenants WHERE id = 'new-one'");
  expect(tenants).toEqual([]);
});

test("keys are listed in pages, newest first, of all tenants or of one", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.unshift((await make({ tenant: "paged" })).id);
  const seen: string[] = [];
  for (let cursor = ""; ; ) {
    const url = `/v1/keys?tenant=paged&limit=2${cursor && `&cursor=${cursor}`}`;
    const { body } = await call("GET", url, undefined, admin);
    seen.push(...(body.keys as { id: string }[]).map(({ id }) => id));
    if (body.nextCursor === null) break;
    cursor = String(body.nextCursor);
  }
  expect(seen).toEqual(ids);
});

test("a key with the scope admin is an operator's, but makes no operators", async () => {
  const { key } = await make({ tenant: "ops", scopes: ["admin"] });
  expect(await statusOf(key, "GET", "/v1/workers")).toBe(200);
  expect(await statusOf(key, "POST", "/v1/queues/echo/resume")).toBe(200);
  const submitted = await call("POST", "/v1/jobs", job, bearer(key));
  expect(submitted).toMatchObject({ status: 202, body: { tenant: "ops" } });
  const foreign = await call("GET", `/v1/jobs/${submitted.body.id}`, undefined, admin);
  expect(foreign.status).toBe(200);
  const wanted = { tenant: "acme", name: "x", scopes: ["read"] };
  expect(await statusOf(key, "POST", "/v1/keys", wanted)).toBe(201);
  const more = await call("POST", "/v1/keys", { ...wanted, scopes: ["admin"] }, bearer(key));
  expect(more).toMatchObject({ status: 403, body: { code: "admin_key_needed" } });
});

test("without the scope a key is told which one it lacks, in Korean and in English", async () => {
  const reader = (await createTestKey(db, "acme", ["read"])).headers;
  const korean = await call("POST", "/v1/jobs", job, reader);
  expect(korean).toMatchObject({ status: 403, body: { code: "scope_missing" } });
  expect(korean.body.detail).toMatch(/'submit' 권한이 없습니다/);
  const english = await call("GET", "/v1/workers?lang=en", undefined, reader);
  expect(english.body.detail).toContain("lacks the scope 'admin'");
});

test("wrong wishes for a key are refused field by field, and store nothing", async () => {
  const before = await db.sql.query("SELECT count(*) FROM api_keys");
  const good = { tenant: "acme", name: "x", scopes: ["read"] };
  for (const [field, value] of [
    ["tenant", "Acme"],
    ["tenant", ""],
    ["tenant", "-a"],
    ["tenant", "a".repeat(64)],
    ["tenant", null],
    ["name", " "],
    ["name", "x".repeat(101)],
    ["name", "a\u0000b"],
    ["scopes", []],
    ["scopes", ["write"]],
    ["scopes", "read"],
    ["expiresAt", "tomorrow"],
    ["expiresAt", "2030-01-01"],
  ] as const) {
    const { status, body } = await call("POST", "/v1/keys", { ...good, [field]: value }, admin);
    expect({ status, path: (body.errors as { path: string }[])[0]?.path }).toMatchObject({
      ...{ status: 422, path: expect.stringMatching(new RegExp(`^${field}`)) },
    });
  }
  expect((await call("POST", "/v1/keys", { ...good, more: 1 }, admin)).status).toBe(422);
  expect(await db.sql.query("SELECT count(*) FROM api_keys")).toEqual(before);
});

test("the last use of a key is noted, and at most once a minute", async () => {
  const { key, id } = await make();
  const lastUse = async () => {
    const { body } = await call("GET", "/v1/keys?limit=200", undefined, admin);
    return (body.keys as { id: string; lastUsedAt: string | null }[]).find((one) => one.id === id)
      ?.lastUsedAt;
  };
  await statusOf(key);
  await waitFor(async () => (await lastUse()) !== null, { what: "the use to be noted" });
  const noted = await lastUse();
  for (let uses = 0; uses < 20; uses += 1) await statusOf(key);
  expect(await lastUse()).toBe(noted);
});

test("tenants are made once and listed in pages; a first key makes its own", async () => {
  const make = (body: object) => call("POST", "/v1/tenants", body, admin);
  expect(await make({ id: "zeta", name: "Zeta 주식회사" })).toMatchObject({
    ...{ status: 201, body: { id: "zeta", name: "Zeta 주식회사" } },
  });
  expect(await make({ id: "zeta" })).toMatchObject({
    status: 409,
    body: { code: "tenant_exists" },
  });
  expect((await make({ id: "No" })).status).toBe(422);
  const first = await call("GET", "/v1/tenants?limit=1", undefined, admin);
  expect(first.body).toMatchObject({ tenants: [{ id: "acme" }], nextCursor: "acme" });
  const rest = await call("GET", "/v1/tenants?cursor=acme", undefined, admin);
  const ids = (rest.body.tenants as { id: string }[]).map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(ids).toEqual(expect.arrayContaining(["default", "public", "zeta"]));
});
