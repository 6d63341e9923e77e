import type { Providers } from "./child-env.ts";
import type { DataService } from "./data-services.ts";

export type Welcome = {
  /** Of the API, as a browser on this machine reaches it. */
  apiUrl: string;
  sandboxUrl: string | null;
  postgres: DataService;
  redis: DataService;
  dataDir: string;
  workers: number;
  authMode: string;
  providers: Providers;
  readyMs: number;
};

/** What `npm start` prints once everything answers. */
export function welcomeText(welcome: Welcome): string {
  const { apiUrl, sandboxUrl, postgres, redis, authMode, providers } = welcome;
  const key = authMode === "off" ? "no key needed" : "a key is needed (ADMIN_API_KEY)";
  const rows = [
    ["API", `${apiUrl}   (${key})`],
    ["Documentation", `${apiUrl}/docs`],
    ["Queues", `${apiUrl}/admin/queues`],
    ["Workers", `${welcome.workers} process${welcome.workers === 1 ? "" : "es"}`],
    ["Postgres", shownService(postgres)],
    ["Redis", shownService(redis)],
    ["Data", welcome.dataDir],
    ...Object.values(providers).map(({ name, real, baseUrl }) => {
      const sandbox = `sandbox (${sandboxUrl}): made-up answers, no key needed`;
      return [name, real ? `real${baseUrl ? ` (${baseUrl})` : ""}` : sandbox];
    }),
  ];
  const table = rows.map(([label, value]) => `  ${label?.padEnd(14)}${value}`);
  return [
    "",
    `Ilgam is ready (${(welcome.readyMs / 1000).toFixed(1)} s).`,
    "",
    ...table,
    "",
    "Try it:",
    `  curl -X POST ${apiUrl}/api/documents/batch -H 'Content-Type: application/json' \\`,
    `    -d '{"keywords":["맥북","아이폰"]}'`,
    "",
    "Ctrl-C finishes what runs and stops; a second one stops at once.",
    "",
  ].join("\n");
}

/** With the password of a Postgres that is only here; without that of one elsewhere. */
function shownService({ url, description, supervised }: DataService): string {
  if (url === null) return description;
  const shown = new URL(url);
  if (!supervised && shown.password) shown.password = "***";
  return `${shown.href}   ${description}`;
}
