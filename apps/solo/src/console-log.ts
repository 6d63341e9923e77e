import { formatLine } from "./format-line.ts";

export type ConsoleLog = {
  /** A logger whose lines begin with `name`. */
  prefixed(name: string): (line: string) => void;
  /** A line as it is. */
  plain(text: string): void;
};

const COLORS = [36, 33, 32, 35, 34, 31, 96, 93];
const WIDTH = 8;

/** One log of many processes; in colour on a terminal. */
export function createConsoleLog(output: NodeJS.WriteStream): ConsoleLog {
  const colored = output.isTTY && !process.env.NO_COLOR;
  let next = 0;
  return {
    prefixed(name) {
      const color = COLORS[next++ % COLORS.length];
      const label = `${name.padEnd(WIDTH)} |`;
      const prefix = colored ? `\u001b[${color}m${label}\u001b[0m` : label;
      return (line) => void output.write(`${prefix} ${formatLine(line)}\n`);
    },
    plain: (text) => void output.write(`${text}\n`),
  };
}
