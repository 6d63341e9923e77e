import { readMetrics } from "@ilgam/testing";
import { expect, test } from "vitest";
import { readQueries } from "./monitoring-files.ts";
import { createStand, drained, submitProbes } from "./stand.ts";

test("every metric that the dashboard and the alerts ask for is one that the processes tell", async () => {
  const queries = await readQueries();
  const alerts = queries.filter(({ where }) => where.startsWith("alert"));
  expect(alerts.length).toBe(15);
  expect(queries.length).toBeGreaterThan(50);

  const stand = await createStand();
  const [api, worker] = await Promise.all([stand.startApi(), stand.startWorker()]);
  await submitProbes(api, [{ spend: { tokens: 1, cost: 1 } }, { outcome: "give_up" }]);
  await drained(stand);
  const text = (
    await Promise.all([api, worker].map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  ).join("\n");
  const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect((await readMetrics(worker.url)).names.size).toBeGreaterThan(30);
  for (const { where, expr } of queries) {
    const asked = expr.match(/\b(ilgam|nodejs|process)_\w+/g) ?? [];
    expect(asked, where).not.toEqual([]);
    for (const name of asked) {
      const base = name.replace(/_(bucket|sum|count)$/, "");
      expect(told.has(name) || told.has(base), `${name} in ${where}`).toBe(true);
    }
  }
}, 60_000);
