import { createPool } from "@ilgam/db";
import { buildSandbox } from "@ilgam/sandbox";
import { atFileEnd, waitFor } from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Api, createStand, drained, type Stand } from "./stand.ts";

type Call = { status: number | null; idempotencyKey: string | null };

/** A model that takes so long to answer that a test can act meanwhile. */
async function startModel(latencyMs: number) {
  const sandbox = buildSandbox({ latencyMs });
  const url = await sandbox.listen({ port: 0, host: "127.0.0.1" });
  atFileEnd("sandbox", () => sandbox.close());
  const calls = async () => {
    const response = await sandbox.inject({ method: "GET", url: "/__sandbox/calls" });
    const { calls } = response.json() as { calls: Call[] };
    // A probe of the provider's health is a small call of no job: no question is asked by it.
    return calls.filter(({ idempotencyKey }) => idempotencyKey !== null);
  };
  return { env: { OPENAI_BASE_URL: `${url}/v1`, ...naverOf(url) }, calls };
}

const naverOf = (url: string) => ({
  ...{ NAVER_BASE_URL: url, NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" },
});

async function newSet(api: Api): Promise<string> {
  const body = JSON.stringify({ title: "지문" });
  const response = await fetch(`${api.url}/admin/sets`, { method: "POST", body });
  return ((await response.json()) as { data: { id: string } }).data.id;
}

/** Uploads exactly as the document's client does: no Content-Type of its own. */
function upload(api: Api, setId: string, count: number): Promise<Response> {
  const questions = Array.from({ length: count }, (_, at) => ({
    ...{ questionText: `물음 ${at}`, option1: "가", option2: "나", correctAnswer: "가" },
  }));
  const url = `${api.url}/admin/sets/${setId}/questions/bulk-upload`;
  return fetch(url, { method: "POST", body: JSON.stringify({ questions }) });
}

describe("explanations of uploaded questions", () => {
  let stand: Stand;
  let model: Awaited<ReturnType<typeof startModel>>;
  let api: Api;

  beforeAll(async () => {
    model = await startModel(1_500);
    stand = await createStand(model.env);
    api = await stand.startApi();
  }, 60_000);

  const stored = async () => {
    const [row] = await stand.query(
      `SELECT (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM jobs) AS jobs,
         (SELECT count(*) FROM batches) AS batches, (SELECT count(*) FROM job_inputs) AS inputs,
         (SELECT sum(question_count) FROM passage_sets) AS numbers`,
    );
    return row;
  };

  test("an API killed in the middle of an upload of 1,000 has stored none; the next stores all", async () => {
    const doomed = await stand.startApi();
    const setId = await newSet(api);
    const before = await stored();
    const pool = createPool({ url: stand.postgres.url, size: 1, applicationName: "test" });
    await pool.transaction(async (tx) => {
      // The jobs are written, and the questions have to wait for this lock.
      await tx.query("LOCK TABLE questions IN SHARE MODE");
      const answer = upload(doomed, setId, 1_000).then(
        ({ status }) => status,
        () => "no answer",
      );
      const waits = () =>
        stand.query(
          `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'questions'::regclass`,
        );
      await waitFor(async () => (await waits()).length === 1, { what: "the upload to be held" });
      await doomed.kill("SIGKILL");
      expect(await answer, "the fault hit").toBe("no answer");
    });
    await pool.close();
    const connections = () =>
      stand.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
           AND query LIKE '%INSERT INTO questions%' AND pid <> pg_backend_pid()`,
      );
    await waitFor(async () => (await connections()).length === 0, {
      what: "its connection to end",
    });
    expect(await stored()).toEqual(before);
    expect((await upload(api, setId, 1_000)).status).toBe(201);
    expect(await stored()).toMatchObject({ questions: 1_000, jobs: 1_000, inputs: 1_000 });
    await stand.query("TRUNCATE questions, jobs, job_inputs, batches, job_history");
  }, 90_000);

  test("a worker killed while three explanations run: each is stored once, at most three calls repeat", async () => {
    await stand.query(`CREATE TABLE explanation_writes AS SELECT id FROM questions WHERE false`);
    await stand.query(
      `CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.explanation IS NOT NULL THEN INSERT INTO explanation_writes VALUES (NEW.id); END IF;
         RETURN NEW; END $$`,
    );
    await stand.query(
      "CREATE TRIGGER counted AFTER UPDATE ON questions FOR EACH ROW EXECUTE FUNCTION count_write()",
    );
    const victim = await stand.startProductWorker();
    const setId = await newSet(api);
    expect((await upload(api, setId, 12)).status).toBe(201);
    const underWay = async () => (await model.calls()).filter((call) => call.status === null);
    await waitFor(async () => (await model.calls()).length > 3 && (await underWay()).length === 3, {
      ...{ what: "three calls under way, others done", everyMs: 5 },
    });
    await victim.kill("SIGKILL");
    const [running] = await stand.query<{ count: number }>(
      "SELECT count(*) AS count FROM jobs WHERE status = 'processing'",
    );
    expect(running?.count, "the fault hit").toBe(3);
    await stand.startProductWorker();
    await drained(stand);
    const writes = await stand.query<{ id: string }>("SELECT id FROM explanation_writes");
    expect(writes).toHaveLength(12);
    expect(new Set(writes.map(({ id }) => id)).size).toBe(12);
    const calls = await model.calls();
    const jobs = calls.map(({ idempotencyKey }) => idempotencyKey?.split(":")[0]);
    expect(new Set(jobs).size).toBe(12);
    expect(calls.length, "the fault cost a call").toBeGreaterThan(12);
    expect(calls.length, "none but the three under way are repeated").toBeLessThanOrEqual(15);
    const status = await fetch(`${api.url}/admin/sets/${setId}/questions/explanation-status`);
    const { data } = (await status.json()) as { data: { summary: object } };
    expect(data.summary).toEqual({
      total: 12,
      completed: 12,
      generating: 0,
      pending: 0,
      failed: 0,
    });
  }, 90_000);
});
