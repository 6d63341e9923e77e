import { startProcess } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createStand, drained } from "./stand.ts";

const secrets = {
  ADMIN_API_KEY: "operators-own-key",
  NAVER_CLIENT_SECRET: "providers-secret",
  OPENAI_API_KEY: "sk-of-the-provider",
};

test("neither process writes a key, a cookie or a password, whatever fails", async () => {
  const stand = await createStand({ LOG_LEVEL: "trace", AUTH_MODE: "required", ...secrets });
  const withPassword = stand.redis.url.replace("redis://", "redis://default:redis-passw0rd@");
  const api = await stand.startApi();
  const worker = await stand.startWorker({ SPARE_REDIS_URL: withPassword });
  const headers = {
    authorization: `Bearer ${secrets.ADMIN_API_KEY}`,
    cookie: "session=browsers-cookie",
  };
  const submit = (body: string, more = {}) =>
    fetch(`${api.url}/v1/jobs?token=address-token`, {
      method: "POST",
      headers: { ...headers, ...more },
      body,
    });
  const job = JSON.stringify({ kind: "probe", input: { outcome: "leak" }, maxAttempts: 1 });
  expect((await submit(job)).status).toBe(202);
  expect((await submit("{broken")).status).toBe(400);
  expect((await submit(job, { authorization: "Bearer a-strangers-key" })).status).toBe(401);
  await drained(stand);
  await stand.postgres.stop("immediate");
  expect((await submit(job)).status).toBe(503);
  await worker.waitForLine(/Postgres or Redis is away/);
  await stand.redis.stop();
  await Promise.all([api.kill("SIGTERM"), worker.kill()]);

  const text = [...api.lines, ...worker.lines].join("\n");
  expect(text, "the error that held them was logged").toContain("NAVER_CLIENT_SECRET");
  const hidden = [...Object.values(secrets), "browsers-cookie", "a-strangers-key"];
  for (const secret of [...hidden, "redis-passw0rd", "address-token"]) {
    expect(text).not.toContain(secret);
  }
}, 60_000);

test("a start that fails says why without the password of the address", async () => {
  const address = "postgresql://ilgam:postgres-passw0rd@127.0.0.1:1/ilgam";
  const env = { DATABASE_URL: address, REDIS_URL: "redis://127.0.0.1:1", API_STARTUP_WAIT_MS: "1" };
  const entry = new URL("./api-entry.ts", import.meta.url);
  const api = startProcess({ name: "api", entry, env });
  await api.waitForLine(/The API does not start/);
  await api.exited;
  const broken = { ...env, DATABASE_URL: `${address} and more` };
  const other = startProcess({ name: "broken", entry, env: broken });
  await other.exited;
  expect(other.lines.join()).toContain("does not start");
  expect([...api.lines, ...other.lines].join("\n")).not.toContain("postgres-passw0rd");
});
