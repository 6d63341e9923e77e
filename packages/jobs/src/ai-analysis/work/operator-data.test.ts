import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stand, startStand } from "../fixtures/stand.ts";

const asked: { body: unknown; key: unknown }[] = [];
const operator = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    asked.push({ body: JSON.parse(text), key: request.headers.authorization });
    // The first answer is lost: the next try asks again.
    response.writeHead(asked.length === 1 ? 500 : 200).end('[{"server":"web-01","cpu":91}]');
  });
});

let stand: Stand;
beforeAll(async () => {
  await new Promise<void>((resolve) => operator.listen(0, "127.0.0.1", resolve));
  const { port } = operator.address() as AddressInfo;
  stand = await startStand({
    workers: 1,
    env: {
      AI_DATA_URL: `http://127.0.0.1:${port}/ask`,
      AI_DATA_TOKEN: "operator-secret",
      AI_ANALYSIS_RETRY_MS: "10",
    },
  });
}, 60_000);
afterAll(() => new Promise((resolve) => operator.close(resolve)));

test("a question without data of its own is answered from the operator's data", async () => {
  await stand.sandbox.fault({
    ...{ match: { contains: '"data":[{"server":"web-01","cpu":91}]' }, times: 2 },
    fault: { type: "status", status: 500 },
  });
  const query = "모든 서버 분석하고 최적화 리포트 만들어줘";
  const job = await stand.until(
    await stand.submit({ type: "report", query }),
    ...["completed", "failed"],
  );
  expect(job.result).toMatchObject({ type: "report", dataSource: "operator" });
  // The model failed twice with the data that was stored: nobody was asked for it again.
  expect(asked).toEqual(
    Array(2).fill({ body: { type: "report", query }, key: "Bearer operator-secret" }),
  );
}, 60_000);
