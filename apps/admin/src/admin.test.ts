import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createPool, findUsableApiKey } from "@ilgam/db";
import { createTestDatabase, freePort } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { commandOf, runCommand } from "./run-command.ts";
import { UsageError } from "./usage.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 1 });
afterAll(() => pool.close());
const entry = fileURLToPath(new URL("main.ts", import.meta.url));

type Ran = { code: number | null; out: string; said: string };
const wordsOf = (line: string) => line.split(" ").filter((word) => word !== "");

/** Runs the command as `npm run admin -- …` does. */
function adminProcess(line: string, DATABASE_URL = database.url): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? "", DATABASE_URL };
  return new Promise((resolve) => {
    const args = [entry, ...wordsOf(line)];
    const child = execFile(process.execPath, args, { env }, (_error, out, said) =>
      resolve({ code: child.exitCode, out, said }),
    );
  });
}

/** The same without a process. @throws UsageError */
async function admin(line: string): Promise<{ out: string; said: string }> {
  const [out, said]: [string[], string[]] = [[], []];
  const terminal = { print: (one: string) => out.push(one), say: (one: string) => said.push(one) };
  const command = commandOf(wordsOf(line));
  if (command) await runCommand(pool, command, terminal);
  return { out: out.join("\n"), said: said.join("\n") };
}

const create = "keys create --name ci";

test("a new key goes alone to standard output, and opens what was asked for", async () => {
  const { code, out, said } = await adminProcess(
    `${create} --tenant acme --scopes submit,read --expires 90d`,
  );
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("acme is new") });
  expect(out).toMatch(/^ilg_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\n$/);
  const [, , id = "", secret = ""] = out.trim().split("_");
  const stored = await findUsableApiKey(pool, id);
  expect(stored).toMatchObject({ tenantId: "acme", scopes: ["submit", "read"] });
  const days = (stored?.expiresInMs ?? 0) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThan(90.1);
  const listed = await admin("keys list --tenant acme");
  expect(listed.out).toContain(id);
  for (const text of [said, listed.out]) expect(text).not.toContain(secret);
  const operator = await admin(`${create} --tenant acme --scopes admin`);
  expect(operator.said).not.toContain("new");
  expect(operator.said).toContain("never expires");
});

test("a key is revoked by its id, and an unknown id is said to be one", async () => {
  const { out } = await admin(`${create} --tenant acme --scopes read`);
  const id = out.split("_")[2] ?? "";
  expect((await admin(`keys revoke ${id}`)).said).toContain(id);
  expect(await findUsableApiKey(pool, id)).toBeUndefined();
  expect((await admin("keys list")).out).toMatch(new RegExp(`${id} .* revoked`));
  await expect(admin("keys revoke none")).rejects.toThrow(/no key none/);
});

test("tenants are made once and listed", async () => {
  await admin("tenants create beta --name Beta");
  await expect(admin("tenants create beta")).rejects.toThrow(/already a tenant beta/);
  expect((await admin("tenants list")).out).toMatch(/^ID .*\n[\s\S]*beta {2}\s*Beta/);
});

test("a wrong command is told what is wrong with it, and stores nothing", async () => {
  const before = await pool.query("SELECT count(*) FROM api_keys");
  for (const [line, sentence] of [
    ["keys", /no command "keys"/],
    ["keys make", /no command "keys make"/],
    ["keys list everything", /keys list takes no "everything"/],
    ["keys revoke", /needs an id/],
    ["keys revoke a --tenant b", /takes no --tenant/],
    ["keys create --colour red", /--colour/],
    [`${create} --scopes read`, /--tenant takes/],
    [`${create} --tenant Acme --scopes read`, /--tenant takes/],
    ["keys create --tenant a --scopes read", /--name takes/],
    [`${create} --tenant a`, /--scopes takes/],
    [`${create} --tenant a --scopes read,write`, /--scopes takes/],
    [`${create} --tenant a --scopes read --expires soon`, /--expires takes/],
    [`${create} --tenant a --scopes read --expires 0d`, /has passed/],
    [`${create} --tenant a --scopes read --expires 2020-01-31`, /has passed/],
    ["tenants create A", /no tenant's id/],
  ] as const) {
    const refusal = await admin(line).catch((error: unknown) => error);
    expect(refusal, line).toBeInstanceOf(UsageError);
    expect(String(refusal), line).toMatch(sentence);
  }
  expect(await pool.query("SELECT count(*) FROM api_keys")).toEqual(before);
});

test("without a database or with a wrong command the process says so, and its exit code too", async () => {
  expect((await adminProcess("--help", "")).out).toContain("npm run admin -- keys create");
  expect(await adminProcess("keys list", "")).toMatchObject({
    code: 2,
    said: /^DATABASE_URL is not set/,
  });
  const wrong = await adminProcess("keys make");
  expect(wrong).toMatchObject({ code: 2, out: "", said: expect.stringContaining("--help") });
  const away = await adminProcess(
    "keys list",
    `postgresql://u:s3cret@127.0.0.1:${await freePort()}/x`,
  );
  expect(away).toMatchObject({ code: 1, said: expect.stringContaining("does not answer") });
  expect(away.said).not.toContain("s3cret");
  await pool.query("CREATE DATABASE bare_of_tables");
  const bare = await adminProcess("keys list", database.url.replace(/\/[^/]*$/, "/bare_of_tables"));
  await pool.query("DROP DATABASE bare_of_tables");
  expect(bare).toMatchObject({ code: 1, said: expect.stringContaining("npm run db:migrate") });
});
