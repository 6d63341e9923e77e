import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";

let child: ChildProcess;

async function start(env: Record<string, string> = {}): Promise<string> {
  child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { ...process.env, SANDBOX_PORT: "0", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const url = /^sandbox listening on (http:\S+)\n$/.exec(output)?.[1];
    if (url) return url;
  }
  throw new Error(`the sandbox said: ${output}`);
}

afterEach(() => child.kill("SIGKILL"));

test("the process says where it listens, and SIGTERM ends it", async () => {
  const url = await start();
  expect((await fetch(`${url}/v1/models`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("the process ends with its parent's pipe", async () => {
  await start({ ILGAM_PARENT_PIPE: "1" });
  child.stdin?.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});
