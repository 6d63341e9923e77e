import { readFile } from "node:fs/promises";

const folder = new URL("../../deploy/monitoring/", import.meta.url);

/** What an operator's Prometheus and Grafana are given. */
export const monitoringFolder = folder;

/** Every query of the dashboard and every alert's expression, with where it stands. */
export async function readQueries(): Promise<{ where: string; expr: string }[]> {
  const dashboard = JSON.parse(
    await readFile(new URL("grafana/dashboards/ilgam.json", folder), "utf8"),
  ) as { panels: { title: string; targets?: { expr: string }[] }[] };
  const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, expr: filled(expr) })),
  );
  const rules = await readFile(new URL("alerts.yml", folder), "utf8");
  const alerts = [
    ...rules.matchAll(/- alert: (\w+)\n +expr: (?:>-\n)?([\s\S]*?)\n +(?:for|labels):/g),
  ];
  return [
    ...panels,
    ...alerts.map(([, name, expr = ""]) => ({ where: `alert ${name}`, expr: expr.trim() })),
  ];
}

/** Grafana's variables as they stand for "all queues" over the last minutes. */
function filled(expr: string): string {
  return expr.replaceAll("$__rate_interval", "1m").replaceAll("$queue", ".*");
}
