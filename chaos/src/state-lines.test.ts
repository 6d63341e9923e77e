import { waitFor } from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Api,
  createStand,
  drained,
  leaseMs,
  type Stand,
  submitProbes,
  type Worker,
} from "./stand.ts";

type Line = Record<string, unknown> & { job: string; msg: string };
type Change = { job_id: string; old_status: string | null; new_status: string };

const queuedAgain =
  /^(retry scheduled|job snoozed|job given back|job taken back from a dead worker)$/;

/** The change of state that a line tells; undefined for other lines. */
function changeOf({ msg }: Line): string | undefined {
  if (msg === "job queued") return "new → queued";
  if (msg === "job started") return "queued → processing";
  if (msg === "job queued again") return "ended → queued";
  if (queuedAgain.test(msg)) return "processing → queued";
  return /^job (completed|failed|cancelled)$/.test(msg) ? `→ ${msg.slice(4)}` : undefined;
}

/** The same words for a change that stands in the table. */
function nameOf({ old_status: before, new_status: after }: Change): string {
  if (after === "processing") return "queued → processing";
  if (after !== "queued") return `→ ${after}`;
  if (before === null) return "new → queued";
  return before === "processing" ? "processing → queued" : "ended → queued";
}

const tally = (keys: string[]) =>
  Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]));

describe("the log", () => {
  let stand: Stand;
  let api: Api;
  const processes: { lines: string[] }[] = [];

  beforeAll(async () => {
    stand = await createStand({ LOG_LEVEL: "debug" });
    api = await stand.startApi();
    processes.push(api);
  }, 60_000);

  async function startWorker(env?: Record<string, string>): Promise<Worker> {
    const worker = await stand.startWorker(env);
    processes.push(worker);
    return worker;
  }
  const linesOf = () =>
    processes
      .flatMap(({ lines }) => lines)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line);
  const post = (path: string) => fetch(`${api.url}${path}`, { method: "POST" });

  async function killWhileRunning(victim: Worker): Promise<string> {
    const [id = ""] = await submitProbes(api, [{ sleepMs: 2_000 }]);
    await victim.waitForLine(new RegExp(`${id}.*job started`));
    await victim.kill("SIGKILL");
    return id;
  }

  test("has exactly one line for each change of a job's state, whatever becomes of it", async () => {
    const first = await startWorker({ WORKER_GRACE_MS: "1000" });
    const echo = "글의 비밀스러운 내용";
    const [failing = ""] = await submitProbes(api, [
      { outcome: "give_up", echo },
      { echo },
      { failTimes: 1, echo },
      { outcome: "throw", echo },
      { outcome: "try_later", failTimes: 1, echo },
    ]);
    const [later = ""] = await submitProbes(api, [{ echo }], { delayMs: 60_000 });
    await post(`/v1/jobs/${later}/cancel`);
    await drained(stand);
    await post(`/v1/jobs/${failing}/retry`);
    await drained(stand);

    const [stopped = ""] = await submitProbes(api, [{ sleepMs: 20_000 }]);
    await first.waitForLine(new RegExp(`${stopped}.*job started`));
    await post(`/v1/jobs/${stopped}/cancel`);
    await drained(stand);

    await post("/v1/queues/probe/pause");
    await submitProbes(api, [{}], { expiresInMs: 50 });
    await drained(stand);
    await post("/v1/queues/probe/resume");

    const [drainedJob = ""] = await submitProbes(api, [{ sleepMs: 3_000 }]);
    await first.waitForLine(new RegExp(`${drainedJob}.*job started`));
    await first.kill("SIGTERM");
    const victim = await startWorker();
    // Told of before the kill: a process that dies between a claim and its line writes none.
    await victim.waitForLine(new RegExp(`${drainedJob}.*job started`));
    const lost = await killWhileRunning(victim);

    let worker = await startWorker();
    await drained(stand);

    const [poison = ""] = await submitProbes(api, [{ outcome: "exit" }]);
    const dead = async () => {
      if (!worker.running()) worker = await startWorker();
      const [row] = await stand.query("SELECT 1 FROM jobs WHERE id = $1 AND status = 'failed'", [
        poison,
      ]);
      return row;
    };
    await waitFor(dead, { what: "the poison to fail", timeoutMs: 12 * leaseMs });
    if (!worker.running()) worker = await startWorker();
    await drained(stand);
    await worker.kill("SIGTERM");

    const changes = await stand.query<Change>("SELECT * FROM job_history ORDER BY seq");
    const stored = changes.map((change) => `${change.job_id} ${nameOf(change)}`);
    const told = linesOf().flatMap((line) => {
      const change = changeOf(line);
      return change ? [`${line.job} ${change}`] : [];
    });
    expect(new Set(changes.map(nameOf)).size, "all changes happened").toBe(7);
    expect(tally(told)).toEqual(tally(stored));

    const ofPoison = linesOf().filter((line) => line.job === poison && line.level === 50);
    expect(ofPoison).toMatchObject([{ msg: "job failed", error: "poison", kind: "probe", run: 1 }]);
    const takenBack = linesOf().filter((line) => line.job === lost && /taken back/.test(line.msg));
    expect(takenBack).toMatchObject([{ kind: "probe", run: 1, attempt: 1, status: "queued" }]);
    for (const line of linesOf().filter(changeOf)) {
      expect(line).toMatchObject({ kind: "probe", run: expect.any(Number) });
      expect(line.attempt, JSON.stringify(line)).toBeTypeOf("number");
    }
    expect(JSON.stringify(linesOf()), "no payload, at any level").not.toContain(echo);
  }, 120_000);
});
