import { isBadRow, isTransient, Overloaded } from "./sql.ts";

export type MicroBatcherOptions<Item, Result> = {
  /** Runs one statement for all items; results in the order of the items. */
  flush: (items: Item[]) => Promise<Result[]>;
  /** Rows an item brings; default 1. */
  rowsOf?: (item: Item) => number;
  /** Rows of one flush; a single larger item goes alone. Default 200. */
  maxRows?: number;
  /** Flushes at once. Default 2. */
  maxInFlight?: number;
  /** Items that may wait before `add` rejects with `Overloaded`. Default 10,000. */
  maxWaiting?: number;
  /** Told the number of items of each flush. */
  onFlush?: (items: number) => void;
};

type Waiting<Item, Result> = {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/**
 * Joins concurrent writes into one statement: flushes when idle and takes along what queued
 * meanwhile, so that a lone write waits for nobody and a thousand share a commit.
 */
export class MicroBatcher<Item, Result> {
  readonly #options: MicroBatcherOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(options: MicroBatcherOptions<Item, Result>) {
    this.#options = options;
  }

  /** The item's own result; rejects with its own error, never with a neighbour's. */
  add(item: Item): Promise<Result> {
    if (this.#waiting.length >= (this.#options.maxWaiting ?? 10_000)) {
      return Promise.reject(new Overloaded());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= (this.#options.maxInFlight ?? 2)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#waiting.length === 0) return;
    const taken = this.#take();
    this.#inFlight += 1;
    this.#options.onFlush?.(taken.length);
    void this.#settle(taken, 3).finally(() => {
      this.#inFlight -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    });
    if (this.#waiting.length > 0) this.#schedule();
  }

  #take(): Waiting<Item, Result>[] {
    const maxRows = this.#options.maxRows ?? 200;
    const rowsOf = this.#options.rowsOf ?? (() => 1);
    let rows = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      rows += rowsOf(item);
      if (count > 0 && rows > maxRows) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Never rejects: every failure goes to the items it belongs to. A failed batch is bisected. */
  async #settle(taken: Waiting<Item, Result>[], triesLeft: number): Promise<void> {
    try {
      const results = await this.#options.flush(taken.map((waiting) => waiting.item));
      if (results.length !== taken.length) throw new Error("flush must answer every item");
      taken.forEach((waiting, index) => {
        waiting.resolve(results[index] as Result);
      });
    } catch (error) {
      if (isTransient(error) && triesLeft > 1) return this.#settle(taken, triesLeft - 1);
      if (isBadRow(error) && taken.length > 1) {
        const middle = Math.ceil(taken.length / 2);
        await this.#settle(taken.slice(0, middle), triesLeft);
        await this.#settle(taken.slice(middle), triesLeft);
        return;
      }
      for (const waiting of taken) waiting.reject(error);
    }
  }
}
