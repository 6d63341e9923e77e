const LEVELS: Record<number, string> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "ERROR",
  60: "FATAL",
};
const LEFT_OUT = new Set(["level", "time", "msg", "pid", "hostname", "v", "name", "service"]);

/** A JSON log line as people read it: `09:30:01 info message key=value`; others as they are. */
export function formatLine(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const { level, time, msg } = entry;
  const at = new Date(time as number | string);
  const clock = Number.isNaN(at.getTime()) ? "" : `${at.toTimeString().slice(0, 8)} `;
  const word = typeof level === "number" ? (LEVELS[level] ?? String(level)) : String(level);
  const rest = Object.entries(entry)
    .filter(([key, value]) => !LEFT_OUT.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [`${clock}${word}`, msg, ...rest].filter(Boolean).join(" ");
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const entry: unknown = JSON.parse(line);
    const known = typeof entry === "object" && entry !== null && "level" in entry;
    return known ? (entry as Record<string, unknown>) : null;
  } catch {
    // A line that only looks like JSON is shown as it is.
    return null;
  }
}
