import type { Exit } from "@ilgam/local-services";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { type SuperviseOptions, supervise } from "./supervise.ts";

/** Units whose end the test decides, and what was done to them. */
function stage(overrides: Partial<SuperviseOptions> = {}) {
  const said: string[] = [];
  const done: string[] = [];
  const ends: ((exit: Exit) => void)[] = [];
  const start = async () => {
    const number = ends.length + 1;
    done.push(`start ${number}`);
    const exited = new Promise<Exit>((resolve) => ends.push(resolve));
    const drain = () => void done.push(`drain ${number}`);
    const end = () => {
      done.push(`end ${number}`);
      ends[number - 1]?.({ code: null, signal: "SIGKILL" });
    };
    return { exited, drain, end };
  };
  const say = (line: string) => void said.push(line);
  const options = { name: "worker", start, say, baseMs: 1, maxMs: 4, ...overrides };
  return { said, done, ends, supervised: supervise(options) };
}

test("a unit that ends by itself is started again, aloud, each time after a longer wait", async () => {
  const { said, done, ends, supervised } = stage();
  const worker = await supervised;
  for (const number of [1, 2, 3, 4]) {
    await waitFor(() => ends.length === number, { what: `start ${number}` });
    ends[number - 1]?.({ code: 1, signal: null });
  }
  await waitFor(() => ends.length === 5, { what: "start 5" });
  const stopped = worker.stop();
  ends[4]?.({ code: 0, signal: null });
  await stopped;
  expect(said.map((line) => line.match(/again in (.*) s$/)?.[1])).toEqual([
    "0.001",
    "0.002",
    "0.004",
    "0.004",
  ]);
  expect(done.at(-1)).toBe("drain 5");
});

test("a unit that ran steadily is started again after the shortest wait", async () => {
  const { said, ends, supervised } = stage({ steadyMs: 0 });
  const worker = await supervised;
  for (const number of [1, 2, 3]) {
    await waitFor(() => ends.length === number, { what: `start ${number}` });
    ends[number - 1]?.({ code: null, signal: "SIGSEGV" });
  }
  await waitFor(() => ends.length === 4, { what: "start 4" });
  worker.endNow();
  expect(new Set(said)).toEqual(
    new Set(["worker ended by itself (signal SIGSEGV); starting it again in 0.001 s"]),
  );
});

test("a start that fails later on is said and retried", async () => {
  let starts = 0;
  const said: string[] = [];
  const worker = await supervise({
    name: "postgres",
    baseMs: 1,
    say: (line) => void said.push(line),
    start: async () => {
      starts += 1;
      if (starts === 2) throw new Error("disk full");
      const exited = starts === 1 ? Promise.resolve({ code: 1, signal: null }) : never;
      return { exited, drain() {}, end() {} };
    },
  });
  await waitFor(() => starts === 3, { what: "a third start" });
  expect(said[1]).toBe("postgres does not start: disk full");
  worker.endNow();
});

test("a first start that fails is the caller's error", async () => {
  const start = () => Promise.reject(new Error("no such file"));
  await expect(stage({ start }).supervised).rejects.toThrow("no such file");
});

test("a unit that gets a signal drains and is not started again", async () => {
  const { done, ends, supervised } = stage();
  const worker = await supervised;
  const stopped = worker.stop();
  ends[0]?.({ code: 0, signal: null });
  await stopped;
  expect(done).toEqual(["start 1", "drain 1"]);
});

test("a stop during the wait for a new start starts nothing", async () => {
  const { said, done, ends, supervised } = stage({ baseMs: 60_000 });
  const worker = await supervised;
  ends[0]?.({ code: 1, signal: null });
  await waitFor(() => said.length === 1, { what: "the end to be noticed" });
  await worker.stop();
  expect(done).toEqual(["start 1"]);
});

test("a unit that does not drain within its grace is ended, aloud", async () => {
  const { said, done, supervised } = stage({ graceMs: 5 });
  await (await supervised).stop();
  expect(done).toEqual(["start 1", "drain 1", "end 1"]);
  expect(said).toEqual(["worker did not end in 0.005 s and is killed"]);
});

const never = new Promise<Exit>(() => {});
