import { expect, test } from "vitest";
import { createLog } from "./create-log.ts";

test("nothing under a secret's name reaches the log, at any depth", () => {
  const lines: string[] = [];
  const log = createLog({
    name: "test",
    level: "info",
    env: {},
    destination: { write: (line) => void lines.push(line) },
  });
  log.info(
    {
      headers: { authorization: "Bearer s3cret", cookie: "s3cret" },
      list: [{ apiKey: "s3cret", OPENAI_API_KEY: "s3cret", name: "shown" }],
      password: "s3cret",
    },
    "words",
  );
  expect(lines.join("")).not.toContain("s3cret");
  expect(lines.join("")).toContain("shown");
});

test("an error is logged without the row that a driver adds to it", () => {
  const lines: string[] = [];
  const log = createLog({
    name: "test",
    level: "info",
    env: {},
    destination: { write: (line) => void lines.push(line) },
  });
  log.error({
    err: Object.assign(new Error("violated"), { code: "23502", detail: "row (s3cret)" }),
  });
  expect(lines.join("")).toContain("23502");
  expect(lines.join("")).not.toContain("s3cret");
});
