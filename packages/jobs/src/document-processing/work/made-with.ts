import type { JobContext } from "../../handling/job-context.ts";

const mixed = "mixed";

/**
 * Which settings a run is made with, though several processes may work on it: the first notes its
 * own, one with others notes that there were others. The answer, to be asked for at the end, is
 * `mixed` then: nothing else is made like that, so no other document is copied from it.
 * @param own of the process that asks
 */
export async function madeWith(
  { step }: Pick<JobContext<unknown>, "step">,
  own: string,
): Promise<() => Promise<string>> {
  const first = await step("settings", async () => own);
  if (first !== own) await step("settings-mixed", async () => true);
  return async () => {
    const isMixed = await step("settings-mixed", async () => false);
    return isMixed ? mixed : own;
  };
}
