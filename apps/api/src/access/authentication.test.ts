import { ApiError } from "@ilgam/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { createTestApi } from "../fixtures/test-api.ts";

const adminKey = "an admin's key".replaceAll(" ", "-");
const { call } = await createTestApi(
  { AUTH_MODE: "required", ADMIN_API_KEY: adminKey, HOST: "0.0.0.0", ANONYMOUS_SYSTEMS: "2" },
  {
    kindRoutes: [
      () => async (app) => {
        const who = async (request: { tenantId: string }) => ({ tenant: request.tenantId });
        app.get("/api/documents/who", who);
        app.get("/background/who", who);
        const schema = { body: z.object({ keyword: z.string() }) };
        app.post("/api/documents/echo", { schema }, async (request) => request.body);
        app.get("/api/documents/broken", async () => {
          throw new Error("a secret of the database");
        });
        app.get("/api/documents/busy", async () => {
          throw new ApiError("upstream_busy", { retryAfterSeconds: 7 });
        });
      },
    ],
  },
);
const withKey = (key: string) => ({ authorization: `Bearer ${key}` });

test("the generic API asks for a key", async () => {
  const answer = await call("GET", "/v1/jobs");
  expect(answer).toMatchObject({ status: 401, body: { code: "unauthorized", status: 401 } });
  expect(answer.headers["www-authenticate"]).toBe("Bearer");
  for (const key of ["wrong", "", `${adminKey}x`]) {
    expect((await call("GET", "/v1/jobs", undefined, withKey(key))).status).toBe(401);
  }
  expect((await call("GET", "/v1/jobs", undefined, withKey(adminKey))).status).toBe(200);
});

test("a body is not read before the caller is let in", async () => {
  expect((await call("POST", "/v1/jobs", "{broken")).status).toBe(401);
});

test("only listed systems let keyless callers in, as the tenant public", async () => {
  expect((await call("GET", "/api/documents/who")).body).toEqual({ tenant: "public" });
  expect((await call("GET", "/background/who")).status).toBe(401);
  const named = await call("GET", "/api/documents/who", undefined, withKey(adminKey));
  expect(named.body).toEqual({ tenant: "default" });
  expect((await call("GET", "/api/documents/who", undefined, withKey("wrong"))).status).toBe(401);
});

test("the board, the metrics and the queues' switches ask for the admin key", async () => {
  for (const url of ["/admin/queues", "/admin/queues/api/queues", "/metrics", "/v1/workers"]) {
    expect((await call("GET", url)).status).toBe(401);
  }
  expect((await call("POST", "/v1/queues/echo/pause")).status).toBe(401);
});

test("health and documentation need no key", async () => {
  for (const url of ["/healthz", "/acceptz", "/openapi.json"]) {
    expect((await call("GET", url)).status).toBe(200);
  }
});

test("a system's refusals have the systems' form, in Korean unless English is asked for", async () => {
  expect(await call("POST", "/api/documents/echo", "{x")).toMatchObject({
    status: 400,
    body: { success: false, code: "malformed_json", error: expect.stringMatching(/[가-힣]/) },
  });
  const invalid = await call("POST", "/api/documents/echo?lang=en", { keyword: 1 });
  expect(invalid).toMatchObject({ status: 422, body: { success: false, code: "invalid_field" } });
  expect(invalid.body.details).toEqual([{ path: "keyword", problem: expect.any(String) }]);
  expect((await call("POST", "/api/documents/echo", "[]")).status).toBe(400);
  expect(await call("GET", "/api/documents/nothing")).toMatchObject({
    status: 404,
    body: { success: false, code: "not_found" },
  });
});

test("an unexpected failure is 500 and tells nothing of its cause", async () => {
  const { status, body } = await call("GET", "/api/documents/broken");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret");
});

test("a refusal that passes says when to come again", async () => {
  const { status, headers } = await call("GET", "/api/documents/busy");
  expect(status).toBe(503);
  expect(headers["retry-after"]).toBe("7");
});
