import { newId, type Spending, type SpentCall } from "@ilgam/db";

/** What a call spent upstream, as a processor tells it. */
export type Spent = {
  tokens?: number | undefined;
  /** US dollars; null or absent when the tokens have no price. */
  cost?: number | null | undefined;
  model?: string | undefined;
};

// What the attempt's columns hold: more than any attempt spends, so it is a mistake of the kind, and
// must not cost the job its end.
const mostTokens = 2 ** 31 - 1;
const mostCost = 999_999;
const longestModel = 100;

const within = (most: number, value: number) =>
  Number.isNaN(value) ? 0 : Math.min(most, Math.max(0, value));

/**
 * What an attempt spends: each call is written down when it ends, and added up by model.
 * @param tell stores a call; one that it could not store goes along with the settlement
 */
export function createSpending(
  attempt: { id: string; epoch: number },
  tell: (call: SpentCall) => Promise<unknown>,
) {
  const byModel = new Map<string, Spending>();
  const untold = new Map<string, SpentCall>();
  let telling: Promise<unknown> = Promise.resolve();

  function add({ model, tokens, unpricedTokens, cost }: SpentCall): void {
    const sum = byModel.get(model) ?? { model, tokens: 0, unpricedTokens: 0, cost: 0 };
    sum.tokens = within(mostTokens, sum.tokens + tokens);
    sum.unpricedTokens = within(mostTokens, sum.unpricedTokens + unpricedTokens);
    sum.cost = within(mostCost, sum.cost + cost);
    byModel.set(model, sum);
  }

  return {
    spend({ tokens = 0, cost, model = "" }: Spent): void {
      const whole = Math.round(within(mostTokens, tokens));
      const call: SpentCall = {
        ...{ id: newId(), jobId: attempt.id, epoch: attempt.epoch, tokens: whole },
        model: model.replaceAll("\0", "").slice(0, longestModel).toWellFormed(),
        unpricedTokens: typeof cost === "number" ? 0 : whole,
        cost: within(mostCost, cost ?? 0),
      };
      add(call);
      untold.set(call.id, call);
      const told = tell(call).then(() => untold.delete(call.id));
      // Postgres is away: the settlement takes it along.
      telling = Promise.allSettled([telling, told]);
    },
    /** So far; empty when nothing was. */
    spent: (): Spending[] => [...byModel.values()],
    /** Calls that may not be stored. */
    untold: (): SpentCall[] => [...untold.values()],
    /** Waits until each call is stored, or cannot be for now. */
    flush: async (): Promise<void> => {
      await telling;
    },
  };
}
