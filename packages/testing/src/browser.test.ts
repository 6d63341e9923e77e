import { expect, test } from "vitest";
import { findBrowser } from "./browser.ts";

const here = import.meta.filename;

test("the browser that is named is taken, else the first of the usual places", () => {
  expect(findBrowser({ CHROMIUM_PATH: here }, [])).toBe(here);
  expect(findBrowser({}, ["/nowhere/chromium", here])).toBe(here);
  expect(() => findBrowser({ CHROMIUM_PATH: "/nowhere" }, [here])).toThrow(
    /CHROMIUM_PATH.*nowhere/,
  );
});

test("without a browser its tests are skipped, but fail where CI is set", () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  expect(findBrowser({}, [], say)).toBeUndefined();
  expect(findBrowser({ CI: "false" }, [], say)).toBeUndefined();
  expect(said.join()).toMatch(/SKIPPED.*no Chromium.*SKIPPED/s);
  expect(() => findBrowser({ CI: "true" }, [], say)).toThrow(/there is no Chromium/);
});
