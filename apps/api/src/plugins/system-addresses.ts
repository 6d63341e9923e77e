const systems: readonly (readonly [RegExp, number])[] = [
  [/^\/admin\/(sets|questions|restart-queue|system-prompts)(\/|$)/, 1],
  [/^\/api\/documents(\/|$)/, 2],
  [/^\/api\/v1\/documents(\/|$)/, 3],
  [/^\/api\/ai(\/|$)/, 4],
  [/^\/background(\/|$)/, 5],
];

/** The system (1–5) that a route's pattern belongs to; undefined: none, so a key is needed. */
export function systemOf(routePattern: string): number | undefined {
  return systems.find(([pattern]) => pattern.test(routePattern))?.[1];
}
