import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { onExitSignals } from "./exit-signals.ts";

function terminal() {
  const heard: string[] = [];
  const source = new EventEmitter();
  let now = 1_000;
  const actions = { drain: () => void heard.push("drain"), now: () => void heard.push("now") };
  onExitSignals(source, actions, () => now);
  const press = (signal: string, afterMs = 0) => {
    now += afterMs;
    source.emit(signal);
  };
  return { heard, press };
}

test("the first Ctrl-C drains and the second exits at once", () => {
  const { heard, press } = terminal();
  press("SIGINT");
  press("SIGINT", 1_000);
  expect(heard).toEqual(["drain", "now"]);
});

test("one Ctrl-C that npm passes on a second time is still one", () => {
  const { heard, press } = terminal();
  press("SIGINT");
  press("SIGINT", 5);
  expect(heard).toEqual(["drain"]);
});

test("SIGTERM and the closing of the terminal drain too", () => {
  for (const signal of ["SIGTERM", "SIGHUP"]) {
    const { heard, press } = terminal();
    press(signal);
    expect(heard).toEqual(["drain"]);
  }
});
