import type { Resolve } from "./address-guard.ts";

/**
 * Lets two lookups run at once and the others wait. Each holds one of the process's four threads for
 * as long as a name's servers keep silent, and files and other clients' names need those too.
 */
export function fewAtOnce(resolve: Resolve, atOnce = 2): Resolve {
  const waiting: (() => void)[] = [];
  let running = 0;
  const begin = (): void => {
    while (running < atOnce) {
      const start = waiting.shift();
      if (!start) return;
      running += 1;
      start();
    }
  };
  return (host, options, callback) => {
    waiting.push(() => {
      resolve(host, options, (error, addresses) => {
        running -= 1;
        begin();
        callback(error, addresses);
      });
    });
    begin();
  };
}
