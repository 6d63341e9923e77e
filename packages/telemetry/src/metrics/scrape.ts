import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** The text of `/metrics`, and its Content-Type. */
export type Exposition = { text: string; contentType: string };

/** The numbers of one process, and what is to be asked when they are read. */
export type Scrape = {
  registers: Registry[];
  /** Called before each reading; waited for, so it has to end soon. Never rejects. */
  before(look: () => Promise<void>): void;
  read(): Promise<Exposition>;
};

/**
 * Numbers of its own for each process, so that two in one (in tests) do not mix. Node's own keep
 * the names that prom-client gives them, because ready-made dashboards know those.
 */
export function createScrape(process: "api" | "worker", version: string): Scrape {
  const registry = new Registry();
  const registers = [registry];
  const looks: (() => Promise<void>)[] = [];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "ilgam_build_info",
    help: "1; the labels say what runs",
    labelNames: ["process", "version"],
    registers,
  })
    .labels(process, version)
    .set(1);
  return {
    registers,
    before: (look) => void looks.push(look),
    read: async () => {
      await Promise.all(looks.map((look) => look()));
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}
