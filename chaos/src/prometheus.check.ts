import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { atFileEnd, freePort, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { startBatch, startUpstream } from "./counting.ts";
import { monitoringFolder, readQueries } from "./monitoring-files.ts";
import { createStand, submitProbes } from "./stand.ts";

// Run by `npm run check:monitoring`, not by CI: it needs prometheus and promtool on the path.

const alerts = fileURLToPath(new URL("alerts.yml", monitoringFolder));

test("promtool finds nothing wrong with the rules, and each alert fires when it is to", () => {
  execFileSync("promtool", ["check", "rules", alerts], { stdio: "inherit" });
  const tests = alerts.replace(/yml$/, "test.yml");
  execFileSync("promtool", ["test", "rules", tests], { stdio: "inherit" });
});

/** A Prometheus that scrapes these every second, with the alerts. */
async function startPrometheus(targets: Record<string, string[]>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "ilgam-prometheus-"));
  const jobs = Object.entries(targets).map(
    ([job, urls]) =>
      `  - job_name: ${job}\n    static_configs:\n      - targets: ${JSON.stringify(
        urls.map((url) => new URL(url).host),
      )}`,
  );
  const config = path.join(folder, "prometheus.yml");
  await writeFile(
    config,
    ["global: { scrape_interval: 1s, evaluation_interval: 1s }", `rule_files: [${alerts}]`]
      .concat("scrape_configs:", jobs)
      .join("\n"),
  );
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    "prometheus",
    [
      ...[`--config.file=${config}`, `--web.listen-address=${listen}`],
      `--storage.tsdb.path=${path.join(folder, "data")}`,
    ],
    { stdio: "ignore" },
  );
  atFileEnd("prometheus", async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  return `http://${listen}`;
}

type Answer = { status: string; error?: string; data?: { result: unknown[] } };

/** Empty while nothing of the kind has happened. */
const mayBeEmpty = /^alert|Cost|Tokens|Put off|Late results|Trouble|Dead workers/;

test("a real Prometheus answers every query of the dashboard and the alerts", async () => {
  const upstream = await startUpstream(20);
  const stand = await createStand(upstream.env);
  const api = await stand.startApi();
  const workers = [await stand.startWorker(), await stand.startProductWorker()];
  const prometheus = await startPrometheus({
    "ilgam-api": [api.url],
    "ilgam-worker": workers.map(({ url }) => url),
  });
  const ask = async (expr: string) => {
    const query = new URLSearchParams({ query: expr });
    const response = await fetch(`${prometheus}/api/v1/query?${query}`);
    return (await response.json()) as Answer;
  };
  const seen = async (expr: string) => {
    const { data } = await ask(expr);
    return (data?.result.length ?? 0) > 0;
  };
  await waitFor(() => seen("ilgam_build_info"), { what: "a first scrape", timeoutMs: 30_000 });
  // A minute of steady work: the rates need several scrapes.
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    await submitProbes(api, Array(20).fill({ sleepMs: 20 }));
    await startBatch(api, [`낱말 ${until} ${performance.now()}`]);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const rules = (await (await fetch(`${prometheus}/api/v1/rules`)).json()) as {
    data: { groups: { rules: { name: string; health: string; state: string }[] }[] };
  };
  const loaded = rules.data.groups.flatMap((group) => group.rules);
  expect(loaded.map(({ health }) => health)).toEqual(Array(13).fill("ok"));
  expect(loaded.filter(({ state }) => state !== "inactive").map(({ name }) => name)).toEqual([]);
  const empty: string[] = [];
  for (const { where, expr } of await readQueries()) {
    const answer = await ask(expr);
    expect(answer.status, `${where}: ${answer.error}`).toBe("success");
    if (answer.data?.result.length === 0) empty.push(where);
  }
  expect(empty.filter((where) => !mayBeEmpty.test(where.replace("panel ", "")))).toEqual([]);
}, 180_000);
