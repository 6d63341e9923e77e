import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { adminKey, logInTo, ownOrigin } from "../fixtures/test-login.ts";

const { app } = await createTestApi(
  { AUTH_MODE: "required", ADMIN_API_KEY: adminKey, ANONYMOUS_SYSTEMS: "2" },
  {
    kindRoutes: [
      () => async (scope) => {
        const who = async ({ tenantId }: { tenantId: string }) => ({ tenantId });
        scope.route({ method: ["GET", "POST"], url: "/api/documents/who", handler: who });
        scope.get("/background/who", who);
      },
    ],
  },
);
const logIn = logInTo(app);
const bearer = { authorization: `Bearer ${adminKey}` };

/** Every address and method of the board, from the router's own tree. */
function boardRoutes(): { method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH"; url: string }[] {
  const at: string[] = [];
  const lines = app.printRoutes({ commonPrefix: false }).split("\n").filter(Boolean);
  const routes = lines.flatMap((line) => {
    const [, indent = "", part = "", methods = ""] =
      /^([│ ]*)[├└]── (\S*) \((.*)\)$/.exec(line) ?? [];
    at.length = indent.length / 4;
    at.push(part);
    const url = at.join("").replace(/^\/+/, "/").replace(/:\w+/g, "echo").replace("*", "static/x");
    return methods.split(", ").map((method) => ({ method, url }));
  });
  return routes.filter(({ url }) => url.startsWith("/admin/queues")) as never;
}

async function assets(): Promise<string[]> {
  const ui = createRequire(import.meta.url).resolve("@bull-board/ui/package.json");
  const root = path.join(path.dirname(ui), "dist/static");
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map(
      (file) =>
        `/admin/queues/static/${path.relative(root, path.join(file.parentPath, file.name))}`,
    );
}

const isLoginRoute = (url: string) => /\/log(in|out)$/.test(url);

test("without a key every page, API route and asset of the board is 401", async () => {
  const routes = boardRoutes().filter(({ url }) => !isLoginRoute(url));
  expect(routes.length).toBeGreaterThan(50);
  for (const { method, url } of routes) {
    const { statusCode } = await app.inject({ method, url });
    expect(statusCode, `${method} ${url}`).toBe(401);
  }
  const files = await assets();
  expect(files.length).toBeGreaterThan(10);
  for (const url of files) {
    expect((await app.inject({ url })).statusCode, url).toBe(401);
    expect((await app.inject({ url, headers: bearer })).statusCode, url).toBe(200);
  }
});

test("with the key or a login, every write of the board is refused", async () => {
  const { cookie } = await logIn();
  const writes = boardRoutes().filter(
    ({ method, url }) => method !== "GET" && method !== "HEAD" && !isLoginRoute(url),
  );
  expect(writes.length).toBeGreaterThan(20);
  for (const { method, url } of writes) {
    const byKey = await app.inject({ method, url, headers: bearer, payload: {} });
    expect(byKey.statusCode, `${method} ${url}`).toBe(405);
    const byCookie = await app.inject({
      method,
      url,
      headers: { cookie, ...ownOrigin },
      payload: {},
    });
    expect(byCookie.statusCode, `${method} ${url}`).toBe(403);
  }
});

test("a login reads the operator's addresses and writes nowhere", async () => {
  const { cookie } = await logIn();
  const headers = { cookie, ...ownOrigin };
  for (const url of ["/admin/queues", "/v1/queues", "/v1/workers", "/v1/jobs", "/metrics"]) {
    const read = await app.inject({ url, headers });
    expect(read.statusCode, url).toBe(200);
    expect(read.headers["cache-control"], url).toBe("no-store");
  }
  for (const url of ["/v1/jobs", "/v1/jobs/bulk", "/v1/queues/echo/pause", "/v1/jobs/cancel"]) {
    const write = await app.inject({ method: "POST", url, headers, payload: {} });
    expect(write.json(), url).toMatchObject({ status: 403, code: "session_reads_only" });
  }
  const named = { ...headers, ...bearer };
  const paused = await app.inject({ method: "POST", url: "/v1/queues/echo/pause", headers: named });
  expect(paused.statusCode).toBe(200);
  const wrong = { ...headers, authorization: "Bearer wrong" };
  expect((await app.inject({ url: "/v1/queues", headers: wrong })).statusCode).toBe(401);
});

test("a login is nothing on the systems' own routes", async () => {
  const { cookie } = await logIn();
  const headers = { cookie, ...ownOrigin };
  for (const method of ["GET", "POST"] as const) {
    const answer = await app.inject({ method, url: "/api/documents/who", headers });
    expect(answer.json(), method).toEqual({ tenantId: "public" });
  }
  expect((await app.inject({ url: "/background/who", headers })).statusCode).toBe(401);
});

test("a browser gets a login page of its own, in Korean unless English is asked for", async () => {
  const headers = { accept: "text/html,*/*;q=0.8" };
  const page = await app.inject({ url: "/admin/queues/queue/echo?status=failed", headers });
  expect(page.statusCode).toBe(401);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(page.headers["cache-control"]).toBe("no-store");
  expect(page.headers["content-security-policy"]).toMatch(
    /default-src 'none'.*frame-ancestors 'none'/,
  );
  expect(page.body).toContain("로그인");
  expect(page.body).toContain("next=%2Fadmin%2Fqueues%2Fqueue%2Fecho%3Fstatus%3Dfailed");
  expect(page.body).not.toMatch(/<script|https?:\/\//);
  const english = await app.inject({ url: "/admin/queues?lang=en", headers });
  expect(english.body).toContain("Log in");
  const program = await app.inject({ url: "/admin/queues" });
  expect(program.json()).toMatchObject({ success: false, code: "unauthorized" });
});

test("the board's page names no other server, and its policy would stop what did", async () => {
  const page = await app.inject({ url: "/admin/queues", headers: bearer });
  expect(page.body).toContain("<title>Ilgam</title>");
  expect(page.body).not.toMatch(/(?:https?:)?\/\/[a-z]/);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toMatch(/default-src 'none'; script-src 'self';/);
  expect(policy).toContain("frame-ancestors 'none'");
});

test("the cookie keeps the key to itself, is the browser's own, and goes where it is needed", async () => {
  const { answer, cookies } = await logIn();
  expect(answer).toMatchObject({ statusCode: 303, headers: { location: "/admin/queues" } });
  expect(cookies.map(({ path: where }) => where)).toEqual(["/admin/queues", "/v1", "/metrics"]);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", maxAge: 43_200 });
    expect(cookie.secure).toBeUndefined();
    expect(decodeURIComponent(cookie.value)).not.toContain(adminKey);
  }
  const proxied: Record<string, string>[] = [
    { origin: "https://ilgam.test" },
    { "x-forwarded-proto": "https" },
  ];
  for (const headers of proxied) {
    const behindProxy = await logIn({ headers });
    expect(behindProxy.cookies.map(({ secure }) => secure)).toEqual([true, true, true]);
  }
});

test("a login leads on to pages of the board only", async () => {
  const leads = async (next: string) =>
    (await logIn({ query: `?${new URLSearchParams({ next })}` })).answer.headers.location;
  expect(await leads("/admin/queues/queue/echo?status=failed")).toBe(
    "/admin/queues/queue/echo?status=failed",
  );
  for (const next of [
    ...["https://evil.test/admin/queues", "//evil.test/admin/queues", "/admin/queues/../../docs"],
    ...["/\\evil.test/admin/queues", "/admin/queuesx", "javascript:alert(1)", "\t//evil.test"],
  ]) {
    expect(await leads(next), next).toBe("/admin/queues");
  }
});
