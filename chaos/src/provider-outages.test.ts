import { setTimeout as sleep } from "node:timers/promises";
import { redisCommands } from "@ilgam/local-services";
import { waitFor } from "@ilgam/testing";
import { afterAll, describe, expect, test } from "vitest";
import { type AiService, type Away, startAiService } from "./ai-service.ts";
import { type Api, createStand, drained, type Stand } from "./stand.ts";

/*
 * A service that the jobs call is away while 60 explanations and 20 AI jobs wait. By default for a
 * few seconds; `npm run test:outages` does it for three minutes, and prints what it cost.
 */
const isLong = process.env.CHAOS_OUTAGE_S !== undefined;
// Ends shortly before the second probe.
const outageMs = Number(process.env.CHAOS_OUTAGE_S ?? 5) * 1_000;
const timeoutMs = Number(process.env.CHAOS_AI_TIMEOUT_MS ?? 2_000);
const longest = outageMs + 180_000;
const report: object[] = [];

async function post(api: Api, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** 60 explanations and 20 AI jobs, as the systems' own clients submit them. */
async function submitWork(api: Api): Promise<void> {
  const { data } = (await post(api, "/admin/sets", { title: "지문" })) as { data: { id: string } };
  const questions = Array.from({ length: 60 }, (_, at) => ({
    ...{ questionText: `물음 ${at}`, option1: "가", option2: "나", correctAnswer: "가" },
  }));
  await post(api, `/admin/sets/${data.id}/questions/bulk-upload`, { questions });
  const query = "지난 1년의 서버 성능을 부서마다 비교하고 원인을 분석해 종합 보고서를 작성해줘";
  for (let at = 0; at < 20; at += 1) await post(api, "/api/ai/jobs", { type: "report", query });
}

type Listed = {
  jobs: { status: string; waitingOn: { reason: string; provider?: string } | null }[];
};

/** What the jobs that wait say that they wait for, by how many say it. */
async function reasons(api: Api): Promise<Record<string, number>> {
  const response = await fetch(`${api.url}/v1/jobs?status=queued&limit=100`);
  const { jobs } = (await response.json()) as Listed;
  const counts: Record<string, number> = {};
  for (const { waitingOn } of jobs) {
    const said = `${waitingOn?.reason} ${waitingOn?.provider ?? ""}`.trim();
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}

async function providerState(api: Api): Promise<{ state: string; jobsHeld: number }> {
  const response = await fetch(`${api.url}/v1/providers`);
  const { providers } = (await response.json()) as {
    providers: { name: string; state: string; jobsHeld: number }[];
  };
  const found = providers.find(({ name }) => name === "openai");
  if (!found) throw new Error("the provider is not listed");
  return found;
}

/** Nothing failed, and no attempt was consumed. */
async function expectNothingSpent(stand: Stand, jobs: number): Promise<void> {
  const [sums] = await stand.query(
    `SELECT count(*) AS jobs, count(*) FILTER (WHERE status = 'completed') AS completed,
       max(attempt) AS attempts, max(snoozes) AS snoozes FROM jobs WHERE kind IN
       ('explanation', 'ai-analysis')`,
  );
  expect(sums).toMatchObject({ jobs, completed: jobs, attempts: 1 });
  const spent = await stand.query(
    "SELECT job_id, error FROM job_attempts WHERE outcome IN ('retry', 'failed')",
  );
  expect(spent, "attempts consumed").toEqual([]);
  const told = await stand.query(
    `SELECT job_id, count(*) FROM job_events WHERE data->>'outcome' = 'hold' GROUP BY job_id
     HAVING count(*) > 2`,
  );
  expect(told, "jobs whose history grew with each probe").toEqual([]);
}

type Installation = {
  service: AiService;
  stand: Stand;
  api: Api;
  workers: Awaited<ReturnType<Stand["startProductWorker"]>>[];
};

/** Runs a case on an installation of its own, which ends with it: cases can run beside each other. */
async function installed(
  { processes = 1, env = {} }: { processes?: number; env?: Record<string, string> },
  run: (parts: Installation) => Promise<void>,
): Promise<void> {
  const service = await startAiService(20);
  const stand = await createStand({ ...service.env, ...env });
  const api = await stand.startApi();
  const workers: Installation["workers"] = [];
  try {
    for (let at = 0; at < processes; at += 1) workers.push(await stand.startProductWorker());
    await run({ service, stand, api, workers });
  } finally {
    await Promise.all([stand.postgres, stand.redis, api, ...workers].map((one) => one.kill()));
  }
}

/** The long run measures: its cases have the machine to themselves. */
const suite = isLong ? describe : describe.concurrent;

type Case = {
  stand: Stand;
  service: AiService;
  api: Api;
  /** What else happens in the middle of it. */
  middle?: () => Promise<void>;
};

async function suffer(name: string, away: Away, { stand, service, api, middle }: Case) {
  await service.goAway(away);
  const from = Date.now();
  await submitWork(api);
  const isOpen = async () => (await providerState(api)).state === "open" || undefined;
  // On a busy machine the first calls may come late; the outage then lasts until they have.
  await waitFor(isOpen, { what: "the key to open", timeoutMs: 30_000, everyMs: 100 });
  await sleep(Math.max(0, outageMs / 2 - (Date.now() - from)));
  await middle?.();
  // What it is told is written down every few seconds.
  await sleep(Math.max(500, from + outageMs - Date.now() - 500));
  const said = await reasons(api);
  await service.comeBack();
  const back = Date.now();
  await drained(stand, 120_000);
  const doneMs = Date.now() - back;
  const calls = (await service.calls()).filter(
    ({ receivedAt }) => receivedAt >= from && receivedAt < back,
  );
  report.push({
    case: name,
    "calls into it": calls.length,
    "done after, s": Math.round(doneMs / 100) / 10,
  });
  expect(calls.length, "calls into the outage").toBeLessThanOrEqual(20);
  expect(Object.keys(said), "what waiting jobs say").toEqual(["provider openai"]);
  await expectNothingSpent(stand, 80);
}

afterAll(() => {
  if (isLong) console.table(report);
});

const cases: [string, Away][] = [
  ["503", { how: "status", status: 503 }],
  ["401", { how: "status", status: 401 }],
  ["529", { how: "status", status: 529 }],
  ["refused", { how: "refused" }],
  ["hang", { how: "hang" }],
];

/** In the suite each way once; in the long run each over one process and over two. */
const casesOf = (processes: number) => cases.filter((_, at) => isLong || at % 2 === processes - 1);

suite.each([1, 2])("an AI service that is away, over %i worker processes", (processes) => {
  test.each(casesOf(processes))(
    "%s: nothing fails, no attempt is consumed, and few calls are made into it",
    async (name, away) => {
      const env = { OPENAI_TIMEOUT_MS: String(timeoutMs) };
      // Elsewhere a slow machine must not look like a service that is away.
      await installed({ processes, env: away.how === "hang" ? env : {} }, (parts) =>
        suffer(`${name}, ${processes} process(es)`, away, parts),
      );
    },
    longest,
  );
});

const shortRetries: Record<string, string> = { EXPLANATION_RETRY_MS: "1500" };
const quickPace: Record<string, string> = { NAVER_INTERVAL_MS: "10" };

suite("what else happens in an outage", () => {
  test(
    "Redis flushed in the middle: what the processes know holds on",
    () =>
      installed({ processes: 2 }, async (parts) => {
        const middle = async () => {
          await redisCommands(parts.stand.redis.url, [["FLUSHALL"]], 10_000);
        };
        await suffer("503, Redis flushed", { how: "status", status: 503 }, { ...parts, middle });
      }),
    longest,
  );

  test(
    "a worker killed in the middle: the other one goes on",
    () =>
      installed({ processes: 2 }, async (parts) => {
        const middle = async () => {
          await parts.workers[0]?.kill("SIGKILL");
        };
        await suffer("503, a worker killed", { how: "status", status: 503 }, { ...parts, middle });
      }),
    longest,
  );

  test(
    "one input that always fails among 50 good ones fails after its attempts, alone",
    () =>
      installed({ env: isLong ? {} : shortRetries }, async ({ service, stand, api }) => {
        const fault = { type: "status", status: 500 };
        await service.script({ match: { contains: "독이 든 물음" }, times: 1_000_000, fault });
        const made = await post(api, "/admin/sets", { title: "지문" });
        const { id } = made.data as { id: string };
        const questions = Array.from({ length: 51 }, (_, at) => ({
          questionText: at === 3 ? "독이 든 물음" : `물음 ${at}`,
          ...{ option1: "가", option2: "나", correctAnswer: "가" },
        }));
        await post(api, `/admin/sets/${id}/questions/bulk-upload`, { questions });
        const completed = async () => {
          const [row] = await stand.query<{ count: number }>(
            "SELECT count(*) AS count FROM jobs WHERE status = 'completed' AND kind = 'explanation'",
          );
          return row?.count === 50 || undefined;
        };
        await waitFor(completed, { what: "the good ones to complete", timeoutMs: 20_000 });
        const [poison] = await stand.query<{ status: string; attempt: number }>(
          "SELECT status, attempt FROM jobs WHERE status <> 'completed' AND kind = 'explanation'",
        );
        expect(poison?.status, "the good ones wait for no retry of the bad one").not.toBe("failed");
        expect(await providerState(api)).toMatchObject({ state: "closed" });
        await drained(stand, 150_000);
        const ends = await stand.query(
          "SELECT status, attempt, max_attempts, error->>'code' AS code FROM jobs WHERE status <> 'completed'",
        );
        expect(ends).toEqual([
          { status: "failed", attempt: 4, max_attempts: 4, code: "server_error" },
        ]);
      }),
    200_000,
  );

  test(
    "Naver failing while a batch of 100 keywords is counted: the batch completes after it",
    () =>
      installed({ env: isLong ? {} : quickPace }, async ({ service, stand, api }) => {
        await service.goAway({ how: "status", status: 500 });
        const keywords = Array.from({ length: 100 }, (_, at) => `키워드 ${at}`);
        const batch = await post(api, "/api/documents/batch", { keywords });
        await sleep(outageMs);
        // Whoever waits in a request is told at once that it waits, and for what.
        const single = await fetch(
          `${api.url}/api/documents/count?keyword=${encodeURIComponent("하나")}`,
        );
        expect(single.status).toBe(503);
        expect(Number(single.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
        const away = (await service.calls()).length;
        await service.comeBack();
        await drained(stand, 120_000);
        const status = await fetch(`${api.url}/api/documents/status?jobId=${batch.jobId}`);
        const { job } = (await status.json()) as { job: { status: string; results: object[] } };
        expect(job.status).toBe("completed");
        expect(job.results).toHaveLength(100);
        expect(job.results.filter((one) => "error" in one)).toEqual([]);
        expect(away).toBeLessThanOrEqual(20);
      }),
    longest,
  );

  test(
    "a wait that lasts longer than allowed ends as provider_unavailable, and is retried by one call",
    () =>
      installed({ env: { HOLD_MAX_HOURS: String(3 / 3_600) } }, async ({ service, stand, api }) => {
        await service.goAway({ how: "status", status: 503 });
        await submitWork(api);
        await drained(stand, 60_000);
        const ends = await stand.query(
          `SELECT status, error->>'code' AS code, count(*) AS jobs FROM jobs WHERE kind <> 'retention'
       GROUP BY 1, 2`,
        );
        expect(ends).toEqual([{ status: "failed", code: "provider_unavailable", jobs: 80 }]);
        const [one] = await stand.query<{ message: string }>(
          "SELECT error->>'message' AS message FROM jobs WHERE error IS NOT NULL LIMIT 1",
        );
        expect(one?.message).toMatch(/503.*openai.*20\d\d-\d\d-\d\dT/);
        await service.comeBack();
        const answer = await post(api, "/v1/jobs/retry", {
          filter: { error: "provider_unavailable" },
          dryRun: false,
        });
        expect(answer).toMatchObject({ matched: 80, changed: 80 });
        await drained(stand, 60_000);
        const [after] = await stand.query(
          "SELECT count(*) AS completed FROM jobs WHERE status = 'completed' AND kind <> 'retention'",
        );
        expect(after).toEqual({ completed: 80 });
      }),
    150_000,
  );

  test(
    "an operator who fixes the key has it tried at once",
    () =>
      installed({}, async ({ service, stand, api }) => {
        await service.goAway({ how: "status", status: 401 });
        await submitWork(api);
        const isOpen = async () => (await providerState(api)).state === "open" || undefined;
        await waitFor(isOpen, { what: "the key to open", timeoutMs: 20_000 });
        // Until the probes are far apart.
        await sleep(7_000);
        await service.comeBack();
        const before = (await service.calls()).length;
        const { nextProbeAt } = await post(api, "/v1/providers/openai/probe", {});
        expect(Date.parse(String(nextProbeAt))).toBeLessThanOrEqual(Date.now() + 1_000);
        const called = async () => (await service.calls()).length > before || undefined;
        await waitFor(called, { what: "the probe", timeoutMs: 3_000 });
        await drained(stand, 60_000);
      }),
    120_000,
  );
});
