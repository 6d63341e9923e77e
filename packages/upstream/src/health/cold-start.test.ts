import { expect, test } from "vitest";
import { createColdStart } from "./cold-start.ts";
import { type HealthState, healthy } from "./health-state.ts";

const key = "a provider";

/** Callers that wait on a clock that the test moves. */
function stand({ workers = 1, hasProbe = true } = {}) {
  let nowS = 1_000;
  let health: HealthState = healthy("one");
  let begun = 0;
  let probes = 0;
  const sleepers: (() => void)[] = [];
  const cold = createColdStart({
    clock: { sleep: () => new Promise((resolve) => void sleepers.push(resolve)) },
    time: { nowUs: () => nowS * 1e6 },
    workers: () => workers,
    healthOf: () => health,
    prove: () => {
      if (hasProbe) probes += 1;
      return hasProbe;
    },
  });
  return {
    wait: (callers: number) => {
      const count = () => {
        begun += 1;
      };
      for (let at = 0; at < callers; at += 1) void cold.awaitTurn(key).then(count);
    },
    /** How many calls have begun, and probes, `s` later. */
    after: async (s: number) => {
      nowS += s;
      for (const wake of sleepers.splice(0)) wake();
      await new Promise(setImmediate);
      return { begun, probes };
    },
    succeeded: () => cold.succeeded(key),
    /** What another process has told. */
    told: (news: (nowUs: number) => Partial<HealthState>) => {
      health = { ...health, ...news(nowS * 1e6) };
    },
  };
}

test("three calls begin, six after half a second, and a probe decides about the others", async () => {
  const { wait, after, told } = stand();
  wait(20);
  expect(await after(0)).toEqual({ begun: 3, probes: 0 });
  expect(await after(0.5)).toEqual({ begun: 6, probes: 0 });
  expect(await after(0.5)).toEqual({ begun: 6, probes: 1 });
  told((probeOkUs) => ({ probeOkUs }));
  expect(await after(0)).toEqual({ begun: 20, probes: 1 });
});

test("no probe is made for calls that need not wait", async () => {
  const { wait, after } = stand();
  for (let at = 0; at < 5; at += 1) {
    wait(1);
    expect(await after(2)).toEqual({ begun: at + 1, probes: 0 });
  }
});

test("while calls and probe are silent no other begins before a time-out of a minute is heard", async () => {
  const { wait, after } = stand();
  wait(20);
  for (const s of [0.5, 0.5, 30, 30]) await after(s);
  expect(await after(20)).toEqual({ begun: 6, probes: 1 });
  expect(await after(10)).toEqual({ begun: 9, probes: 1 });
});

test("two processes begin as many together as one does", async () => {
  const { wait, after } = stand({ workers: 2 });
  wait(20);
  expect(await after(0)).toMatchObject({ begun: 1 });
  expect(await after(5)).toMatchObject({ begun: 2 });
});

test("where there is no probe twice as many begin each half second", async () => {
  const { wait, after } = stand({ hasProbe: false });
  wait(20);
  await after(0);
  expect(await after(1)).toEqual({ begun: 12, probes: 0 });
  expect(await after(0.5)).toEqual({ begun: 20, probes: 0 });
});

test("a success, here or in another process, lets all begin, and a minute without one is quiet again", async () => {
  const { wait, after, succeeded, told } = stand();
  wait(8);
  for (const s of [0, 0.5, 0.5]) await after(s);
  succeeded();
  expect(await after(0)).toEqual({ begun: 8, probes: 1 });
  // Less than the time after which calls begin anew by themselves.
  await after(61);
  wait(8);
  expect(await after(0)).toMatchObject({ begun: 11 });
  told((us) => ({ ok: { by: "another", us, othersUs: 0 } }));
  expect(await after(0)).toMatchObject({ begun: 16 });
});
