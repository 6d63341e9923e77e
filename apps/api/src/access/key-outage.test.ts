import { createPool } from "@ilgam/db";
import { createTestRedis, freePort, startOwnPostgres, startProcess, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestKey } from "../fixtures/test-keys.ts";
import { adminKey } from "../fixtures/test-login.ts";

test("while Postgres is away a known key comes in, an unknown one is 503, a wrong one never 200", async () => {
  const [postgres, redis] = [await startOwnPostgres(), await createTestRedis()];
  const pool = createPool({ url: postgres.url, size: 1 });
  const [known, unknown] = [
    await createTestKey({ sql: pool }, "acme"),
    await createTestKey({ sql: pool }, "acme"),
  ];
  await pool.close();
  const PORT = String(await freePort());
  const url = `http://127.0.0.1:${PORT}`;
  const server = startProcess({
    ...{ name: "api", entry: new URL("../fixtures/test-server.ts", import.meta.url) },
    env: {
      ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, PORT },
      ...{ AUTH_MODE: "required", ADMIN_API_KEY: adminKey },
    },
  });
  await server.waitForHttp(`${url}/acceptz`);
  // A route that asks Postgres for nothing: what it answers is the key's doing alone.
  const ask = ({ text }: { text: string }) =>
    fetch(`${url}/v1/kinds`, { headers: { authorization: `Bearer ${text}` } });
  expect((await ask(known)).status).toBe(200);
  await postgres.stop("immediate");
  expect((await ask(known)).status).toBe(200);
  const refused = await ask(unknown);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  const forged = known.text.replace(/_[0-9A-Za-z]{49}$/, unknown.text.slice(-50));
  expect((await ask({ text: forged })).status).toBe(401);
  await postgres.start();
  await waitFor(async () => (await ask(unknown)).status === 200, { what: "the key to be found" });
  expect(server.lines.join("\n")).not.toContain(known.text.slice(-49));
  await server.kill("SIGTERM");
});
