import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, isPortFree } from "./free-port.ts";

test("the preferred port is given while it is free, another one while it is taken", async () => {
  const preferred = await freePort();
  expect(await freePort(preferred)).toBe(preferred);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(preferred, "127.0.0.1", resolve));
  expect(await isPortFree(preferred)).toBe(false);
  expect(await freePort(preferred)).not.toBe(preferred);
  await new Promise((resolve) => holder.close(resolve));
});
