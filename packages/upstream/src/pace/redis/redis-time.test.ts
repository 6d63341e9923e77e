import { expect, test } from "vitest";
import { createRedisTime } from "./redis-time.ts";

const epochUs = 1_800_000_000_000_000;

/** Redis' true time at a local time, when it is `offsetUs` ahead. */
function createWorld() {
  let nowMs = 1_000;
  const time = createRedisTime(() => nowMs);
  return {
    time,
    /** One call: the script runs `there` ms after sending, the reply is read `back` ms later. */
    exchange(there: number, back: number, offsetUs = epochUs) {
      const sentAt = nowMs;
      const redisUs = offsetUs + (nowMs + there) * 1000;
      nowMs += there + back;
      time.observe(redisUs, sentAt, nowMs);
    },
    errorUs: (offsetUs = epochUs) => time.nowUs() - (offsetUs + nowMs * 1000),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("the estimate is behind by the quickest reply, and never ahead", () => {
  const world = createWorld();
  world.exchange(1, 0.5);
  expect(world.errorUs()).toBe(-500);
  world.exchange(0.1, 0.1);
  expect(world.errorUs()).toBe(-100);
});

test("a reply that lay in the socket while the event loop was busy does not set the clock back", () => {
  const world = createWorld();
  world.exchange(0.1, 0.1);
  world.exchange(0.1, 300);
  expect(world.errorUs()).toBe(-100);
});

test("a clock that went back or ahead is followed with the next reply", () => {
  const world = createWorld();
  world.exchange(0.1, 0.1);
  world.exchange(0.1, 0.1, epochUs - 5_000_000);
  expect(world.errorUs(epochUs - 5_000_000)).toBe(-100);
  world.exchange(0.1, 0.1, epochUs + 5_000_000);
  expect(world.errorUs(epochUs + 5_000_000)).toBe(-100);
});

test("old replies are forgotten, so that a slow drift is followed", () => {
  const world = createWorld();
  world.exchange(1, 0.1);
  world.pass(20_000);
  world.exchange(1, 0.4, epochUs - 300);
  expect(world.errorUs(epochUs - 300)).toBe(-400);
});
