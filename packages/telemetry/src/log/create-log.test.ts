import { expect, test } from "vitest";
import { createLog } from "./create-log.ts";
import { createScrubber } from "./redact.ts";

const env = {
  NAVER_CLIENT_SECRET: 'pro"vider\\secret',
  ADMIN_API_KEY: "operator-key",
  DATABASE_URL: "postgresql://ilgam:p%40ssw0rd@db:5432/ilgam",
  PORT: "3000",
  SHORT_TOKEN: "abc",
};

function openLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLog({ name: "test", level: "info", env, destination }), lines };
}

test("nothing under a secret's name reaches the log, at any depth", () => {
  const { log, lines } = openLog();
  log.info(
    {
      headers: { authorization: "Bearer s3cret", cookie: "s3cret" },
      list: [{ apiKey: "s3cret", OPENAI_API_KEY: "s3cret", name: "shown" }],
      password: "s3cret",
      tokens: 17,
    },
    "words",
  );
  expect(lines.join("")).not.toContain("s3cret");
  expect(JSON.parse(lines.join(""))).toMatchObject({ list: [{ name: "shown" }], tokens: 17 });
});

test("an error is logged without the row that a driver adds to it", () => {
  const { log, lines } = openLog();
  log.error({
    err: Object.assign(new Error("violated"), { code: "23502", detail: "row (s3cret)" }),
  });
  expect(lines.join("")).toContain("23502");
  expect(lines.join("")).not.toContain("s3cret");
});

test.each([
  ["an address in a message", () => new Error("cannot reach redis://:s3cret@host:6379/0")],
  ["two of them", () => new Error("rediss://u:s3cret@a,rediss://u:s3cret@b")],
  ["a password with an @", () => new Error("postgres://u:s3cret@1@db/x failed")],
  ["a bearer key", () => new Error("sent Authorization: Bearer s3cret-s3cret")],
  ["a cause", () => new Error("outer", { cause: new Error("mysql://u:s3cret@db") })],
])("an error shows no account: %s", (_, make) => {
  const { log, lines } = openLog();
  log.error({ err: make() }, "failed");
  log.warn(`in a sentence: ${make().cause ?? make().message}`);
  expect(lines.join("")).not.toContain("s3cret");
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
});

test("what the environment keeps secret is shown nowhere, however it got there", () => {
  const { log, lines } = openLog();
  log.warn({ answer: `you sent ${env.NAVER_CLIENT_SECRET}` }, `not ${env.ADMIN_API_KEY}`);
  log.info({ err: new Error("password p@ssw0rd or p%40ssw0rd is wrong") });
  const text = lines.join("");
  for (const secret of ["provider", "secret", "operator-key", "ssw0rd"]) {
    expect(text).not.toContain(secret);
  }
  expect(lines.map((line) => JSON.parse(line).msg)[0]).toBe("not [redacted]");
});

test("an API key shows its id only, and a secret that signs callbacks nothing, wherever they stand", () => {
  const { log, lines } = openLog();
  const key = "ilg_live_AbCdEf0123456789_s3crets3cretS3CRET0123456789";
  const signing = "whsec_s3cret+/s3cret==";
  log.warn({ path: `/v1/jobs/${key}`, list: [{ note: key }], signing }, `sent ${key}, ${signing}`);
  log.error({ err: new Error(`unknown column "${key}"`, { cause: new Error(key) }) });
  log.info(`Authorization: Bearer ${key}`);
  const text = lines.join("");
  expect(text).not.toMatch(/s3cret/i);
  expect(text).toContain("ilg_live_AbCdEf0123456789_[redacted]");
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
});

test("other words stay: short values, ports and addresses without an account", () => {
  const { log, lines } = openLog();
  log.info({ url: "http://127.0.0.1:3000/x", mail: "a@b.c" }, "abc at 3000");
  expect(JSON.parse(lines.join(""))).toMatchObject({
    ...{ url: "http://127.0.0.1:3000/x", mail: "a@b.c", msg: "abc at 3000" },
  });
});

test("a password with a bare percent sign stops no start, and is shown nowhere", () => {
  const scrub = createScrubber({ DATABASE_URL: "postgres://u:fifty%zz@h/db" });
  expect(scrub("no entry with fifty%zz")).toBe("no entry with [redacted]");
});
