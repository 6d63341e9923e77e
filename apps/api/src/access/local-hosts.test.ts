import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const open = await createTestApi({ AUTH_MODE: "off", ALLOWED_HOSTS: "box.lan, Proxy.Example" });
const closed = await createTestApi({ AUTH_MODE: "required", ADMIN_API_KEY: "k" });

test("without keys only this machine's names and the allowed ones are answered", async () => {
  for (const host of [
    "localhost:3000",
    "127.0.0.1:3000",
    "[::1]:80",
    "box.lan:3000",
    "proxy.example",
  ]) {
    expect((await open.call("GET", "/v1/jobs", undefined, { host })).status, host).toBe(200);
  }
  for (const host of ["evil.example", "evil.example:3000", "127.0.0.1.nip.io", "notbox.lan"]) {
    const refused = await open.call("POST", "/v1/jobs", { kind: "echo" }, { host });
    expect(refused, host).toMatchObject({ status: 403, body: { code: "host_refused" } });
    expect((await open.call("GET", "/healthz", undefined, { host })).status).toBe(200);
  }
});

test("with keys every name is answered: the key says who may come in", async () => {
  const headers = { host: "api.example", authorization: "Bearer k" };
  expect((await closed.call("GET", "/v1/jobs", undefined, headers)).status).toBe(200);
});
