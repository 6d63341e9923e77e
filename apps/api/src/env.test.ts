import { expect, test } from "vitest";
import { readApiEnv } from "./index.ts";
import { openDoor } from "./startup/open-door.ts";

const urls = { DATABASE_URL: "postgresql://localhost/x", REDIS_URL: "redis://localhost" };
const reading = (env: Record<string, string>) => () => readApiEnv({ ...urls, ...env });

test("defaults serve this machine only, without authentication", () => {
  expect(readApiEnv(urls)).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    authMode: "off",
    bodyLimitBytes: 1_048_576,
    adminSessionHours: 12,
    anonymousSystems: new Set([1, 2, 4, 5]),
  });
});

test("a wrong setting stops the start with its name", () => {
  expect(reading({ PORT: "abc" })).toThrow(/^PORT must be a whole number, not "abc"$/);
  expect(reading({ PORT: "70000" })).toThrow(/^PORT must be at most 65535$/);
  expect(reading({ API_POOL_SIZE: "0" })).toThrow(/^API_POOL_SIZE must be at least 1$/);
  expect(reading({ API_GRACE_MS: "1.5" })).toThrow(/API_GRACE_MS/);
  expect(reading({ ANONYMOUS_SYSTEMS: "1,6" })).toThrow(/ANONYMOUS_SYSTEMS/);
  expect(reading({ AUTH_MODE: "none" })).toThrow(/AUTH_MODE must be one of off, required/);
  expect(reading({ ADMIN_SESSION_HOURS: "0" })).toThrow(/^ADMIN_SESSION_HOURS must be at least 1$/);
  expect(reading({ ADMIN_SESSION_HOURS: "721" })).toThrow(
    /ADMIN_SESSION_HOURS must be at most 720/,
  );
  expect(reading({ LOG_LEVEL: "loud" })).toThrow(/LOG_LEVEL/);
  expect(() => readApiEnv({})).toThrow(/DATABASE_URL is not set.*\nREDIS_URL is not set/);
});

test("an empty variable counts as unset, but no anonymous system can be asked for", () => {
  expect(readApiEnv({ ...urls, PORT: "" }).port).toBe(3000);
  expect(readApiEnv({ ...urls, ANONYMOUS_SYSTEMS: "none" }).anonymousSystems.size).toBe(0);
});

test("callers without a key are let in where no key is asked for, elsewhere only when it is said", () => {
  const anonymous = (env: Record<string, string>) => [
    ...readApiEnv({ ...urls, ...env }).anonymousSystems,
  ];
  const closed = { AUTH_MODE: "required", ADMIN_API_KEY: "k" };
  expect(anonymous({})).toEqual([1, 2, 4, 5]);
  expect(anonymous({ AUTH_MODE: "off" })).toEqual([1, 2, 4, 5]);
  expect(anonymous(closed)).toEqual([]);
  expect(anonymous({ NODE_ENV: "production", ADMIN_API_KEY: "k" })).toEqual([]);
  expect(anonymous({ ...closed, ANONYMOUS_SYSTEMS: "" })).toEqual([]);
  expect(anonymous({ ...closed, ANONYMOUS_SYSTEMS: "2, 4" })).toEqual([2, 4]);
});

test("a start that lets strangers spend a paid key says so", () => {
  const open = { host: "0.0.0.0", anonymousSystems: new Set([4, 1]) };
  const paid = { OPENAI_API_KEY: "sk-1" };
  expect(openDoor(open, paid)).toMatch(/ANONYMOUS_SYSTEMS is 1,4 and HOST is 0\.0\.0\.0.*none/);
  expect(openDoor({ ...open, host: "127.0.0.1" }, paid)).toBeUndefined();
  expect(openDoor({ ...open, anonymousSystems: new Set<number>() }, paid)).toBeUndefined();
  for (const key of ["", "none", undefined]) {
    expect(openDoor(open, { OPENAI_API_KEY: key })).toBeUndefined();
  }
});

test("only this machine is ever served without authentication", () => {
  expect(reading({ HOST: "0.0.0.0" })).toThrow(/AUTH_MODE is off and HOST is 0\.0\.0\.0/);
  expect(reading({ HOST: "127.evil.example" })).toThrow(/AUTH_MODE/);
  expect(reading({ NODE_ENV: "production", AUTH_MODE: "off" })).toThrow(/AUTH_MODE/);
  expect(reading({ NODE_ENV: "production" })).toThrow(/ADMIN_API_KEY/);
  expect(reading({ HOST: "0.0.0.0", AUTH_MODE: "required" })).toThrow(/ADMIN_API_KEY/);
  expect(reading({ HOST: "::1" })).not.toThrow();
  expect(reading({ HOST: "0.0.0.0", AUTH_MODE: "required", ADMIN_API_KEY: "k" })).not.toThrow();
});
