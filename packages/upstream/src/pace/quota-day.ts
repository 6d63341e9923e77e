const formats = new Map<string, Intl.DateTimeFormat>();

/** Seconds that `timeZone` (IANA name) is east of UTC at `now`. Throws RangeError for unknown names. */
export function zoneOffsetSeconds(timeZone: string, now: Date): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(now).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes, seconds] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? [
    "",
    "+",
    "0",
    "0",
  ];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return sign === "-" ? -size : size;
}

/** The number of the day that `us` (microseconds since the epoch) falls on in that zone. */
export function dayOf(us: number, zoneSeconds: number): number {
  return Math.floor((us / 1_000_000 + zoneSeconds) / 86_400);
}

/** When that day begins, microseconds since the epoch. */
export function dayStartUs(day: number, zoneSeconds: number): number {
  return (day * 86_400 - zoneSeconds) * 1_000_000;
}
