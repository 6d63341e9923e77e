import { newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { bullIdOf, bullPriority, jobIdOf } from "./bull-names.ts";

test("a job's id comes back from each of its generations, and generations differ", () => {
  const id = newId();
  const names = [0, 1, 12].map((dispatch) => bullIdOf({ id, dispatch }));
  expect(new Set(names).size).toBe(3);
  expect(names.map(jobIdOf)).toEqual([id, id, id]);
  expect(names.some((name) => name.includes(":"))).toBe(false);
});

test("priority numbers keep the order of places and stay between 1 and BullMQ's largest", () => {
  const epoch = 1_790_000_000;
  expect(bullPriority(epoch + 86_400, epoch)).toBe(86_400);
  expect(bullPriority(epoch + 86_401, epoch)).toBe(86_401);
  expect(bullPriority(epoch - 10, epoch)).toBe(1);
  expect(bullPriority(epoch + 5_000_000, epoch)).toBe(2_097_151);
  expect(bullPriority(epoch + 7.9, epoch)).toBe(7);
});
