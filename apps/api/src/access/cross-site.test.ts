import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call } = await createTestApi({ AUTH_MODE: "off" });
const job = { kind: "echo", input: { text: "a" } };

test("without authentication any key passes, as the tenant public", async () => {
  const answer = await call("POST", "/v1/jobs", job, { authorization: "Bearer anything" });
  expect(answer.status).toBe(202);
  expect((await call("GET", `/v1/jobs/${answer.body.id}`)).status).toBe(200);
});

test("without authentication a page of another site cannot submit through its visitor", async () => {
  const answer = await call("POST", "/v1/jobs", job, { "sec-fetch-site": "cross-site" });
  expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
});
