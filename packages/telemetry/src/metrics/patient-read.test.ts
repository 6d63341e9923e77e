import { expect, test } from "vitest";
import { createPatientRead } from "./patient-read.ts";

const never = () => new Promise<number>(() => undefined);

test("a source is asked once for all who ask together, and not again while it is fresh", async () => {
  let asked = 0;
  const read = createPatientRead(async () => {
    asked += 1;
    return asked;
  });
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  expect(await read()).toBe(1);
  expect(asked).toBe(1);
});

test("a source that fails is absent, and asked again", async () => {
  let asked = 0;
  const read = createPatientRead(async () => {
    asked += 1;
    if (asked === 1) throw new Error("away");
    return asked;
  });
  expect(await read()).toBeUndefined();
  expect(await read()).toBe(2);
});

test("nobody waits longer than patience for a silent source, and one read is under way", async () => {
  let asked = 0;
  const silent = () => {
    asked += 1;
    return never();
  };
  const read = createPatientRead(silent, { patienceMs: 10 });
  expect(await Promise.all([read(), read()])).toEqual([undefined, undefined]);
  expect(await read()).toBeUndefined();
  expect(asked).toBe(1);
});

test("a slow source's last word is told meanwhile, until it is stale", async () => {
  let asked = 0;
  const read = (staleMs: number) =>
    createPatientRead(
      () => {
        asked += 1;
        return asked === 1 ? Promise.resolve(7) : never();
      },
      { maxAgeMs: 0, patienceMs: 10, staleMs },
    );
  const kept = read(60_000);
  expect([await kept(), await kept()]).toEqual([7, 7]);
  asked = 0;
  const stale = read(0);
  expect([await stale(), await stale()]).toEqual([7, undefined]);
});
