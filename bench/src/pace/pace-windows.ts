import { median } from "../harness/machine.ts";

export type Seen = { at: number; amount: number };

/** The most within any window of `ms`. */
export function fullest(seen: Seen[], ms: number): number {
  const sorted = seen.toSorted((a, b) => a.at - b.at);
  let first = 0;
  let sum = 0;
  let most = 0;
  for (const one of sorted) {
    sum += one.amount;
    for (let oldest = sorted[first]; oldest && one.at - oldest.at >= ms; oldest = sorted[first]) {
      sum -= oldest.amount;
      first += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}

/** The share of `perMinute` that was used in the `ms` after the first `skippedMs`, %. */
export function used(seen: Seen[], perMinute: number, ms: number, skippedMs: number): number {
  const from = Math.min(...seen.map(({ at }) => at)) + skippedMs;
  const within = seen.filter(({ at }) => at >= from && at < from + ms);
  const sum = within.reduce((total, { amount }) => total + amount, 0);
  return ((sum / perMinute) * 6_000_000) / ms;
}

/** Of every 10 s that began in a tenth of a second after the warm-up: the share used, %. */
function windowsOf(seen: Seen[], perMinute: number, skippedMs: number): number[] {
  const first = Math.min(...seen.map(({ at }) => at));
  const last = Math.max(...seen.map(({ at }) => at));
  const shares: number[] = [];
  for (let from = skippedMs; first + from + 10_000 < last; from += 100) {
    shares.push(used(seen, perMinute, 10_000, from));
  }
  return shares.sort((a, b) => a - b);
}

/** The same calls as a pace would let them in that knew beforehand what each will use. */
export function foreknown(seen: Seen[], perMinute: number): Seen[] {
  let at = Math.min(...seen.map((one) => one.at));
  return seen
    .toSorted((a, b) => a.at - b.at)
    .map(({ amount }) => {
      const slot = { at, amount };
      at += (amount * 60_000) / perMinute;
      return slot;
    });
}

/** Median, least and most of those shares, and how many lie below 98 %. */
export function describeWindows(seen: Seen[], perMinute: number, skippedMs: number): string {
  const shares = windowsOf(seen, perMinute, skippedMs);
  const [least = 0, most = 0] = [shares[0], shares.at(-1)];
  const below = shares.filter((share) => share < 98).length / shares.length;
  return `${median(shares).toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)}), below 98: ${(below * 100).toFixed(0)} % of them`;
}
