import { expect, test } from "vitest";
import { readApiEnv } from "../src/index.ts";

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

test("only this machine is ever served without authentication", () => {
  expect(reading({ HOST: "0.0.0.0" })).toThrow(/AUTH_MODE is off and HOST is 0\.0\.0\.0/);
  expect(reading({ HOST: "127.evil.example" })).toThrow(/AUTH_MODE/);
  expect(reading({ NODE_ENV: "production", AUTH_MODE: "off" })).toThrow(/AUTH_MODE/);
  expect(reading({ NODE_ENV: "production" })).toThrow(/ADMIN_API_KEY/);
  expect(reading({ HOST: "0.0.0.0", AUTH_MODE: "required" })).toThrow(/ADMIN_API_KEY/);
  expect(reading({ HOST: "::1" })).not.toThrow();
  expect(reading({ HOST: "0.0.0.0", AUTH_MODE: "required", ADMIN_API_KEY: "k" })).not.toThrow();
});
