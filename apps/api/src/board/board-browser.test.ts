import path from "node:path";
import { type BrowserContext, findBrowser, type Page, startBrowser } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestBoard } from "../fixtures/test-board.ts";
import { adminKey } from "../fixtures/test-login.ts";

const program = findBrowser();
const board = program === undefined ? undefined : await createTestBoard();
const address = (await board?.app.listen({ port: 0, host: "127.0.0.1" })) ?? "";
const browser = program === undefined ? undefined : await startBrowser(program);

/** A page of a new session, and what must not happen on it: strange requests, errors. */
async function openPage(size: { width: number; height: number }) {
  const context = (await browser?.newContext({
    viewport: size,
    locale: "ko-KR",
  })) as BrowserContext;
  const page = await context.newPage();
  const abroad: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => {
    const isOwn = request.url().startsWith(`${address}/`) || /^(data|blob):/.test(request.url());
    if (!isOwn) abroad.push(request.url());
  });
  page.on("console", (line) => {
    if (line.type() === "error" || line.type() === "warning") {
      complaints.push(`${line.text()} ${line.location().url}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, abroad, complaints };
}

/** Kept for people to look at, when ILGAM_SCREENSHOTS names a directory. */
async function picture(page: Page, name: string): Promise<void> {
  const directory = process.env.ILGAM_SCREENSHOTS;
  if (directory) await page.screenshot({ path: path.join(directory, `${name}.png`) });
}

test.skipIf(!browser)("an operator logs in, reads why a job failed, and leaves", async () => {
  if (!board) throw new Error("there is no board");
  const failed = await board.submitUntil("hopeless", "failed");
  await board.submitUntil("flaky", "completed");
  const { context, page, abroad, complaints } = await openPage({ width: 1_280, height: 800 });

  const asked = await page.goto(`${address}/admin/queues/queue/echo?status=failed`);
  expect(asked?.status()).toBe(401);
  await picture(page, "login");
  await page.getByLabel("관리자 키").fill("wrong");
  await page.getByRole("button", { name: "로그인" }).click();
  await page.getByRole("alert").getByText("키가 맞지 않습니다").waitFor();
  await picture(page, "login-wrong");
  await page.getByLabel("관리자 키").fill(adminKey);
  await page.getByRole("button", { name: "로그인" }).click();

  await page.waitForURL(`${address}/admin/queues/queue/echo?status=failed`);
  const reason = page.getByText(
    "attempt 3 of 3, the job failed: service_gone: the service is gone",
  );
  await reason.first().waitFor();
  await picture(page, "failed");
  await page.goto(`${address}/admin/queues`);
  await page.getByRole("main").getByText("housekeeping").waitFor();
  await picture(page, "overview");
  await page.goto(`${address}/admin/queues/queue/echo?status=completed`);
  await page.getByText("completed").first().waitFor();
  await picture(page, "completed");

  await page.goto(`${address}/admin/queues/queue/echo/${failed}-2`);
  await reason.first().waitFor();
  await picture(page, "delivery");
  const opened = context.waitForEvent("page");
  await page.getByRole("link", { name: "JobView" }).click();
  const view = await opened;
  await view.waitForLoadState();
  expect(JSON.parse((await view.locator("pre").textContent()) ?? "")).toMatchObject({
    ...{ id: failed, status: "failed", tenant: "default" },
  });
  await view.close();

  const write = (url: string) =>
    page.evaluate((to) => fetch(to, { method: "PUT" }).then((answer) => answer.status), url);
  expect(await write("/admin/queues/api/queues/echo/pause")).toBe(403);
  expect(await write("/admin/queues/api/queues/pause")).toBe(403);
  expect(await page.evaluate("document.cookie")).toBe("");

  await page.goto(`${address}/admin/queues/login`);
  await picture(page, "session");
  await page.getByRole("button", { name: "로그아웃" }).click();
  await page.getByLabel("관리자 키").waitFor();
  expect((await page.goto(`${address}/admin/queues`))?.status()).toBe(401);

  expect(abroad).toEqual([]);
  // The refusals that were asked for above, and nothing else.
  const others = complaints.filter((text) => !/status of (401|403)/.test(text));
  expect(others).toEqual([]);
  await context.close();
});

test.skipIf(!browser)("on a phone nothing of the login or the board is cut off", async () => {
  if (!board) throw new Error("there is no board");
  await board.submitUntil("hopeless", "failed");
  const { context, page, complaints } = await openPage({ width: 375, height: 720 });
  const fits = () => page.evaluate("document.documentElement.scrollWidth <= innerWidth");
  await page.goto(`${address}/admin/queues?lang=en`);
  expect(await fits()).toBe(true);
  await picture(page, "phone-login");
  await page.getByLabel("Admin key").fill(adminKey);
  await page.getByRole("button", { name: "Log in" }).click();
  // The menu, hidden here, names it too.
  await page.getByRole("main").getByText("housekeeping").waitFor();
  expect(await fits()).toBe(true);
  await picture(page, "phone-overview");
  await page.goto(`${address}/admin/queues/queue/echo?status=failed`);
  await page.getByText("service_gone").first().waitFor();
  expect(await fits()).toBe(true);
  await picture(page, "phone-failed");
  expect(complaints.filter((text) => !/status of 401/.test(text))).toEqual([]);
  await context.close();
});
