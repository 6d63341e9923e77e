import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes after which the chunks that were read and dropped are collected. */
const everyBytes = 4 * 1_048_576;

type Collect = (options: { type: "minor" }) => void;

/**
 * To be told each chunk's bytes. V8 lets 64 MB of dropped chunks pile up before it looks at them,
 * since they lie outside its heap; this asks it to every 4 MB. A collection of the young generation
 * takes about a millisecond.
 */
export function createChunkCollector(): (bytes: number) => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  let since = 0;
  return (bytes) => {
    since += bytes;
    if (since < everyBytes) return;
    since = 0;
    collect({ type: "minor" });
  };
}
