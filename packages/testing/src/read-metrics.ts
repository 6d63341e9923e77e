export type Metrics = {
  /** Sum of the samples of `name` whose labels include these; undefined when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
  /** Every name of a sample. */
  names: ReadonlySet<string>;
};

type Sample = { name: string; labels: Record<string, string>; value: number };

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Parses a text in Prometheus' exposition format. @throws Error naming a line that is none. */
export function parseMetrics(text: string): Metrics {
  const samples = text
    .split("\n")
    .filter((one) => one !== "" && !one.startsWith("#"))
    .map((one): Sample => {
      const [, name, labels = "", value] = line.exec(one) ?? [];
      if (name === undefined) throw new Error(`not a sample: ${one}`);
      const pairs = [...labels.matchAll(label)].map(([, key, text]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
  return {
    names: new Set(samples.map((sample) => sample.name)),
    value: (name, labels = {}) => {
      const matching = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      );
      if (matching.length === 0) return undefined;
      return matching.reduce((sum, sample) => sum + sample.value, 0);
    },
  };
}

/** Scrapes a process. @throws Error when it does not answer 200. */
export async function readMetrics(url: string, adminApiKey?: string): Promise<Metrics> {
  const headers = adminApiKey ? { authorization: `Bearer ${adminApiKey}` } : {};
  const response = await fetch(`${url}/metrics`, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}: ${text}`);
  return parseMetrics(text);
}
