import { Overloaded, Unavailable } from "@ilgam/db";
import { expect, test } from "vitest";
import { persist } from "./persist.ts";

/** Fails with each of the errors in turn, then answers how often it was asked. */
function failing(...errors: Error[]) {
  let asked = 0;
  return async () => {
    asked += 1;
    const error = errors[asked - 1];
    if (error) throw error;
    return asked;
  };
}

const deadlock = Object.assign(new Error("deadlock detected"), { code: "40P01" });

test("an outage, a full queue and a deadlock are waited out in place", async () => {
  expect(await persist(failing(new Unavailable(undefined), new Overloaded(), deadlock))).toBe(4);
});

test("an error of what was asked passes at once", async () => {
  const broken = Object.assign(new Error("duplicate key"), { code: "23505" });
  await expect(persist(failing(broken))).rejects.toBe(broken);
});

test("an aborted signal ends the wait with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("draining");
  const waiting = persist(async () => {
    controller.abort(reason);
    throw new Unavailable(undefined);
  }, controller.signal);
  await expect(waiting).rejects.toBe(reason);
});

test("an aborted signal does not stop a call that succeeds", async () => {
  expect(await persist(async () => "stored", AbortSignal.abort())).toBe("stored");
});
