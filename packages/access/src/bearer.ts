/** The key of an Authorization header: undefined without one, empty when it is no Bearer. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? "";
}
