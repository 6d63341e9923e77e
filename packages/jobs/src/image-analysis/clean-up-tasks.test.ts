import { expect, test } from "vitest";
import { startAccepting } from "./fixtures/accepting-system.ts";
import { formOf } from "./fixtures/system.ts";

const system = await startAccepting();

const hours = new URLSearchParams({ max_age_hours: "2" });
const jsonHeaders = { "content-type": "application/json" };
const asForm = () => formOf([], { max_age_hours: "2" });
const bodies: [string, () => RequestInit, string?][] = [
  ["in the address", () => ({}), "?max_age_hours=2"],
  ["as requests' data=", () => ({ body: hours })],
  ["as a multipart form", () => ({ body: asForm() })],
  ["as JSON", () => ({ body: '{"max_age_hours":2}', headers: jsonHeaders })],
  [
    "as curl -d sends JSON",
    () => ({
      body: '{"max_age_hours":2}',
      headers: { "content-type": "application/x-www-form-urlencoded" },
    }),
  ],
];

test.each(bodies)("the age of what is cleaned up may come %s", async (_how, init, query = "") => {
  const [old, young, open] = [
    await system.submit(),
    await system.submit(),
    await system.submit(),
  ] as const;
  await system.end(old, 2.5, "failed");
  await system.end(young, 1.5);
  const { status, body } = await system.call("POST", `/background/cleanup${query}`, init());
  expect([status, body]).toEqual([
    200,
    { success: true, message: "2시간 이상 된 완료된 작업들이 정리되었습니다.", removed: 1 },
  ]);
  expect(await system.idsOf()).toEqual([open, young]);
  expect(await system.fileRows()).toHaveLength(2);
});

test.each([
  ["?max_age_hours=", {}],
  ["?max_age_hours=-1", {}],
  ["?max_age_hours=x", {}],
  ["", { body: new URLSearchParams({ max_age_hours: "" }) }],
  ["", { body: '{"max_age_hours":null}', headers: jsonHeaders }],
] as [string, RequestInit][])("an age that is none removes nothing: %s %o", async (query, init) => {
  const id = await system.submit();
  await system.end(id, 100);
  expect((await system.call("POST", `/background/cleanup${query}`, init)).status).toBe(422);
  expect(await system.idsOf()).toEqual([id]);
});

test("a file that another job worked on is not cleaned up with the task", async () => {
  const [one, other] = [await system.submit(), await system.submit()];
  await system.database.query(
    `UPDATE files SET job_ids = job_ids || $2::uuid WHERE $1::uuid = ANY(job_ids)`,
    [one, other],
  );
  await system.end(one, 3);
  await system.end(other, 1);
  const { body } = await system.call("POST", "/background/cleanup?max_age_hours=2");
  expect(body.removed).toBe(1);
  expect(await system.fileRows()).toHaveLength(2);
});

test("a task whose callback is still to be delivered stays until it is", async () => {
  const [waiting, told] = [await system.submit(), await system.submit()];
  const jobs = [await system.submit(), await system.submit()];
  for (const [index, task] of [waiting, told].entries()) {
    await system.end(task, 3);
    await system.database.query(
      `INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event, job_id)
       VALUES (gen_random_uuid(), 'public', 'https://x.test', $1, 1, 'job.completed', $2)`,
      [task, jobs[index]],
    );
  }
  await system.end(jobs[1] ?? "", 1);
  const { body } = await system.call("POST", "/background/cleanup?max_age_hours=2");
  expect(body.removed).toBe(1);
  expect(await system.idsOf()).toContain(waiting);
});
