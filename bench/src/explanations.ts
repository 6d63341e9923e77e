import { machine, median } from "./harness/machine.ts";
import { waitFor } from "./harness/process.ts";
import { startProduct } from "./harness/product.ts";
import { startServices } from "./harness/services.ts";

/*
 * Uploads of exam questions: how soon 1,000 are answered, as JSON and as a CSV, and how long they
 * and the document's case of 15 questions take until all are explained.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const concurrency = 15;

type Summary = { data: { summary: { total: number; completed: number } } };

const services = await startServices();
const product = await startProduct(services, {
  workers: 1,
  env: { EXPLANATION_CONCURRENCY: String(concurrency) },
});

const settings = (body: object) =>
  fetch(`${product.sandboxUrl}/__sandbox/settings`, { method: "POST", body: JSON.stringify(body) });

function rowsOf(count: number) {
  return Array.from({ length: count }, (_, at) => ({
    questionText: `${at}번 문제: 이 시의 화자에 대한 설명으로 가장 적절한 것은?`,
    ...{ option1: "이별을 받아들인다.", option2: "임을 원망한다.", option3: "자연을 예찬한다." },
    ...{ option4: "현실을 비판한다.", option5: "과거를 그리워한다." },
    ...{ correctAnswer: "이별을 받아들인다.", explanation: "" },
  }));
}

function csvOf(count: number): FormData {
  const rows = rowsOf(count);
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
  const form = new FormData();
  form.append("file", new Blob([lines.map((line) => line.join(",")).join("\r\n")]), "문제.csv");
  return form;
}

/** Uploads into a set of its own; milliseconds until the answer and until all are explained. */
async function explain(body: string | FormData): Promise<{ answeredMs: number; doneMs: number }> {
  const passage = "나 보기가 역겨워 가실 때에는 말없이 고이 보내 드리우리다.\n".repeat(20);
  const set = await fetch(`${product.url}/admin/sets`, {
    ...{ method: "POST", body: JSON.stringify({ title: "진달래꽃", passageContent: passage }) },
  });
  const { data } = (await set.json()) as { data: { id: string } };
  const path = `${product.url}/admin/sets/${data.id}/questions`;
  const startedAt = performance.now();
  const response = await fetch(`${path}/bulk-upload`, { method: "POST", body });
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`the upload was answered ${response.status}`);
  const answeredMs = performance.now() - startedAt;
  const isDone = async () => {
    const status = (await (await fetch(`${path}/explanation-status`)).json()) as Summary;
    return status.data.summary.completed === status.data.summary.total;
  };
  await waitFor(isDone, "all explanations", { timeoutMs: 300_000, everyMs: 100 });
  return { answeredMs, doneMs: performance.now() - startedAt };
}

const show = (values: number[], unit: "ms" | "s") => {
  const said = (value: number) => (unit === "ms" ? value.toFixed(0) : (value / 1_000).toFixed(1));
  return `${said(median(values))} (${said(Math.min(...values))}–${said(Math.max(...values))}) ${unit}`;
};

async function measure(body: () => string | FormData, latencyMs: number) {
  await settings({ latencyMs });
  const runs: { answeredMs: number; doneMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await explain(body()));
  return {
    answered: show(
      runs.map((run) => run.answeredMs),
      "ms",
    ),
    "all explained": show(
      runs.map((run) => run.doneMs),
      "s",
    ),
  };
}

try {
  const json = (count: number) => () => JSON.stringify({ questions: rowsOf(count) });
  await explain(json(10)());
  console.log(`${machine()}; concurrency ${concurrency}; ${rounds} rounds; median (range)`);
  console.table({
    "1,000 questions as JSON, a model of 20 ms": await measure(json(1_000), 20),
    "1,000 questions as CSV, a model of 20 ms": await measure(() => csvOf(1_000), 20),
    "15 questions, a model of 10 s": await measure(json(15), 10_000),
  });
} finally {
  await product.stop();
  await services.stop();
}
