import { expect, test } from "vitest";
import { MicroBatcher, Overloaded } from "../index.ts";

const coded = (code: string) => Object.assign(new Error(code), { code });

/** A flush that can be held up, that records what it was given and refuses bad items. */
function recorded(options: { bad?: (item: number) => Error | undefined } = {}) {
  const flushes: number[][] = [];
  const waiting: (() => void)[] = [];
  let held = false;
  return {
    flushes,
    hold: () => {
      held = true;
    },
    letGo: () => {
      held = false;
      for (const go of waiting.splice(0)) go();
    },
    flush: async (items: number[]) => {
      flushes.push(items);
      if (held) await new Promise<void>((resolve) => waiting.push(resolve));
      for (const item of items) {
        const error = options.bad?.(item);
        if (error) throw error;
      }
      return items.map((item) => item * 10);
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("each item gets its own result, in one flush for all that came together", async () => {
  const { flush, flushes } = recorded();
  const batcher = new MicroBatcher({ flush });
  expect(await Promise.all(range(50).map((n) => batcher.add(n)))).toEqual(
    range(50).map((n) => n * 10),
  );
  expect(flushes).toEqual([range(50)]);
});

test("what comes while a flush runs goes together in the next ones, in order", async () => {
  const record = recorded();
  const batcher = new MicroBatcher({ flush: record.flush, maxInFlight: 1 });
  record.hold();
  const first = batcher.add(1);
  await new Promise(setImmediate);
  const rest = range(6)
    .slice(1)
    .map((n) => batcher.add(n));
  record.letGo();
  await Promise.all([first, ...rest]);
  expect(record.flushes).toEqual([[1], [2, 3, 4, 5, 6]]);
});

test("a flush has at most its rows; a larger item goes alone", async () => {
  const { flush, flushes } = recorded();
  const batcher = new MicroBatcher({ flush, maxRows: 10, rowsOf: (n: number) => n });
  await Promise.all([4, 5, 3, 50, 1].map((n) => batcher.add(n)));
  expect(flushes).toEqual([[4, 5], [3], [50], [1]]);
});

test("no more flushes run at once than allowed", async () => {
  const record = recorded();
  const batcher = new MicroBatcher({ flush: record.flush, maxRows: 1, maxInFlight: 2 });
  record.hold();
  const all = range(5).map((n) => batcher.add(n));
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  expect(record.flushes).toHaveLength(2);
  record.letGo();
  await Promise.all(all);
});

test("a bad item fails alone, wherever it stands, and so do several", async () => {
  const bad = new Set([1, 7, 8, 20]);
  const { flush } = recorded({ bad: (n) => (bad.has(n) ? coded("22P05") : undefined) });
  const batcher = new MicroBatcher({ flush });
  const results = await Promise.allSettled(range(20).map((n) => batcher.add(n)));
  const failed = results.flatMap((one, index) => (one.status === "rejected" ? [index + 1] : []));
  expect(failed).toEqual([...bad]);
});

test("an outage fails the whole flush at once, without trying item by item", async () => {
  const { flush, flushes } = recorded({ bad: () => coded("57P01") });
  const batcher = new MicroBatcher({ flush });
  const results = await Promise.allSettled(range(20).map((n) => batcher.add(n)));
  expect(results.every((one) => one.status === "rejected")).toBe(true);
  expect(flushes).toHaveLength(1);
});

test("a deadlock is simply retried", async () => {
  let left = 2;
  const { flush, flushes } = recorded({ bad: () => (left-- > 0 ? coded("40P01") : undefined) });
  const batcher = new MicroBatcher({ flush });
  expect(await batcher.add(1)).toBe(10);
  expect(flushes).toHaveLength(3);
});

test("a full queue refuses at once and takes items again when it has drained", async () => {
  const record = recorded();
  const batcher = new MicroBatcher({ flush: record.flush, maxWaiting: 2, maxInFlight: 1 });
  record.hold();
  const first = batcher.add(1);
  await new Promise(setImmediate);
  const waiting = [batcher.add(2), batcher.add(3)];
  await expect(batcher.add(4)).rejects.toThrow(Overloaded);
  record.letGo();
  await Promise.all([first, ...waiting]);
  expect(await batcher.add(5)).toBe(50);
});

test("a flush that answers too little is an error of its items, not a silent loss", async () => {
  const batcher = new MicroBatcher<number, number>({ flush: async () => [] });
  await expect(batcher.add(1)).rejects.toThrow("answer every item");
});
