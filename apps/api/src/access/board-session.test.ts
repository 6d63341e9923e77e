import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { adminKey, logInTo, ownOrigin } from "../fixtures/test-login.ts";
import { createAdminSessions } from "./admin-sessions.ts";

const { app } = await createTestApi({
  ...{ AUTH_MODE: "required", ADMIN_API_KEY: adminKey, ADMIN_SESSION_HOURS: "2" },
});
const open = await createTestApi({ AUTH_MODE: "off", ADMIN_API_KEY: adminKey });
const logIn = logInTo(app);
const statusWith = async (cookie: string) =>
  (await app.inject({ url: "/v1/queues", headers: { cookie } })).statusCode;
const cookieOf = (token: string) => `ilgam_admin=${encodeURIComponent(token)}`;

test("a changed, cut, empty or foreign cookie opens nothing", async () => {
  const { cookie } = await logIn();
  expect(await statusWith(cookie)).toBe(200);
  const token = decodeURIComponent(cookie.slice("ilgam_admin=".length));
  const [until = "", id, signature] = token.split(".");
  const later = [Number(until) + 3_600_000, id, signature].join(".");
  const another = createAdminSessions({ adminApiKey: `${adminKey}x`, hours: 2 }).begin().token;
  const unsigned = `${Date.now() + 3_600_000}.${id}.`;
  for (const forged of [later, another, unsigned, token.slice(0, -1), "", "x", `${token}x`]) {
    expect(await statusWith(cookieOf(forged)), forged).toBe(401);
  }
});

test("a session ends after its hours, and with another admin key", () => {
  let now = Date.UTC(2026, 0, 1);
  const options = { adminApiKey: adminKey, hours: 2, now: () => now };
  const sessions = createAdminSessions(options);
  const { token, lifetimeSeconds } = sessions.begin();
  expect(lifetimeSeconds).toBe(7_200);
  now += 7_199_000;
  expect(sessions.endOf(token)).toEqual(new Date(Date.UTC(2026, 0, 1, 2)));
  expect(createAdminSessions(options).endOf(token)).toBeDefined();
  const rotated = createAdminSessions({ ...options, adminApiKey: "another" });
  expect(rotated.endOf(token)).toBeUndefined();
  now += 1_000;
  expect(sessions.endOf(token)).toBeUndefined();
});

test("an expired cookie of our own is refused by the API", async () => {
  const past = () => Date.now() - 2 * 3_600_000 - 1;
  const old = createAdminSessions({ adminApiKey: adminKey, hours: 2, now: past }).begin().token;
  const fresh = createAdminSessions({ adminApiKey: adminKey, hours: 2 }).begin().token;
  expect(await statusWith(cookieOf(old))).toBe(401);
  expect(await statusWith(cookieOf(fresh))).toBe(200);
});

test("a wrong key is 401 with the form again and no cookie", async () => {
  for (const key of ["wrong", "", adminKey.slice(1), "x".repeat(5_000)]) {
    const { answer, cookies } = await logIn({ key });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain("키가 맞지 않습니다");
    expect(cookies).toEqual([]);
  }
  const english = await logIn({ key: "wrong", query: "?lang=en" });
  expect(english.answer.body).toContain("The key is wrong.");
});

test("what is no form, or the key twice, is no key", async () => {
  const post = (payload: string, type: string) =>
    app.inject({
      ...{ method: "POST", url: "/admin/queues/login", payload, remoteAddress: "10.9.9.9" },
      headers: { ...ownOrigin, "content-type": type },
    });
  const twice = await post(`key=${adminKey}&key=${adminKey}`, "application/x-www-form-urlencoded");
  expect(twice.json()).toMatchObject({ code: "wrong_key" });
  expect((await post("[]", "application/json")).statusCode).toBe(401);
  expect((await post("", "text/plain")).statusCode).toBe(401);
  const huge = await post(`key=${"x".repeat(20_000)}`, "application/x-www-form-urlencoded");
  expect(huge.statusCode).toBe(413);
});

test("only our own pages may log in or out", async () => {
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.test" },
    { origin: "null" },
    { origin: "http://ilgam.test.evil.test" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of foreign) {
    const { answer, cookies } = await logIn({ headers });
    expect(answer.statusCode, JSON.stringify(headers)).toBe(403);
    expect(cookies).toEqual([]);
    const out = await app.inject({
      ...{ method: "POST", url: "/admin/queues/logout" },
      headers: { ...ownOrigin, ...headers },
    });
    expect(out.statusCode).toBe(403);
    expect(out.cookies).toEqual([]);
  }
  const silent = await app.inject({ method: "POST", url: "/admin/queues/logout" });
  expect(silent.statusCode).toBe(403);
  const own = { origin: "https://behind.a.proxy", "sec-fetch-site": "same-origin" };
  expect((await logIn({ headers: own })).answer.statusCode).toBe(303);
});

test("after ten tries an address waits, with the right key too; others do not", async () => {
  const remoteAddress = "10.7.7.7";
  const tries = await Promise.all(
    Array.from({ length: 10 }, () => logIn({ key: "wrong", remoteAddress })),
  );
  expect(tries.map(({ answer }) => answer.statusCode)).toEqual(Array(10).fill(401));
  const { answer } = await logIn({ remoteAddress });
  expect(answer.statusCode).toBe(429);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(200);
  expect(answer.body).toContain("요청이 너무 많습니다");
  expect((await logIn()).answer.statusCode).toBe(303);
});

test("logging out takes the cookies away", async () => {
  const { cookie } = await logIn();
  const page = await app.inject({ url: "/admin/queues/login", headers: { cookie } });
  expect(page.body).toContain('action="/admin/queues/logout"');
  const out = await app.inject({
    ...{ method: "POST", url: "/admin/queues/logout", headers: { cookie, ...ownOrigin } },
  });
  expect(out).toMatchObject({ statusCode: 303, headers: { location: "/admin/queues/login" } });
  expect(out.cookies).toMatchObject([
    { path: "/admin/queues", value: "", maxAge: 0 },
    { path: "/v1", value: "", maxAge: 0 },
    { path: "/metrics", value: "", maxAge: 0 },
  ]);
});

test("without authentication the board needs no login and has none", async () => {
  const headers = { accept: "text/html" };
  expect((await open.app.inject({ url: "/admin/queues", headers })).statusCode).toBe(200);
  const page = await open.app.inject({ url: "/admin/queues/login", headers });
  expect(page.statusCode).toBe(404);
  const write = await open.app.inject({ method: "PUT", url: "/admin/queues/api/queues/pause" });
  expect(write.statusCode).toBe(405);
});
