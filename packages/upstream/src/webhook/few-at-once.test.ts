import { expect, test } from "vitest";
import type { Resolve } from "./address-guard.ts";
import { fewAtOnce } from "./few-at-once.ts";

test("names that are never answered hold two lookups, and each end lets another begin", () => {
  const begun: { host: string; end: () => void }[] = [];
  const slow: Resolve = (host, _options, callback) => {
    begun.push({ host, end: () => callback(null, []) });
  };
  const resolve = fewAtOnce(slow);
  const ended: string[] = [];
  for (const host of ["a", "b", "c", "d"]) {
    resolve(host, { all: true }, () => void ended.push(host));
  }
  expect(begun.map(({ host }) => host)).toEqual(["a", "b"]);
  begun[1]?.end();
  expect(begun.map(({ host }) => host)).toEqual(["a", "b", "c"]);
  expect(ended).toEqual(["b"]);
});
