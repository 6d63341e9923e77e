// Who may import what, in one place, for `npm run check:imports` (dependency-cruiser). Types count
// too. The reason of a rule is shown with each import that breaks it.

const tests = String.raw`(\.test\.ts$|/fixtures/|^packages/testing/)`;
/** Measurements and fault tests reach into everything. */
const trials = "^(bench|chaos|deploy)/";

const rule = (name, from, to, comment) => ({ name, severity: "error", from, to, comment });

/** Only a package imports these libraries; `also` may too. */
const owner = (name, libraries, also, comment) =>
  rule(
    `only-${name}-imports-${libraries[0]}`,
    { pathNot: [`^packages/${name}/`, trials, ...also] },
    { path: `^node_modules/(${libraries.join("|")})/` },
    comment,
  );

/** The code of `from` never imports `to`; its tests may. */
const never = (name, from, to, comment) =>
  rule(name, { path: from, pathNot: tests }, { path: to }, comment);

const owners = [
  owner(
    "queue",
    ["bullmq", "ioredis"],
    [tests],
    "A second producer or worker would go past the claim and the fence in Postgres, and past the time-outs and the recovery of Redis.",
  ),
  owner(
    "db",
    ["pg", "@prisma", "prisma"],
    [tests, "^prisma.config.ts$"],
    "Changes of state are conditional statements, kept in one place: everyone else gets verbs.",
  ),
  owner(
    "upstream",
    ["undici", "openai"],
    [],
    "Outbound calls are paced, timed out and aborted in one place.",
  ),
  owner(
    "telemetry",
    ["pino", "prom-client", "@opentelemetry"],
    [],
    "Redaction, names and units are decided in one place; what is off is not loaded.",
  ),
  owner(
    "storage",
    ["@aws-sdk", "file-type"],
    [tests],
    "Names, limits and clean-up of files hold everywhere.",
  ),
  owner(
    "parsing",
    ["sharp", "hucre", "mammoth", "html-to-text", "@napi-rs/canvas", "pdfjs-dist"],
    [tests],
    "Documents and pictures are decoded with limits of memory, time and pixels.",
  ),
];

/** [package, those it never imports, why]: the arrows point down. */
const layers = [
  ["contracts", "(?!contracts/)", "It stands at the bottom: words of no kind, zod only."],
  ["db", "(jobs|queue|upstream|storage|local-services)/", "It knows the contracts only."],
  ["queue", "(jobs|upstream|storage)/", "It is given the kinds: it must not know one."],
  ["upstream", "(jobs|queue|db|storage)/", "It makes calls and knows no job, queue or table."],
  ["(telemetry|storage|parsing)", "jobs/", "To them a kind is a label or an argument."],
  ["jobs", "queue/", "A kind sees no queue: it is given what it needs."],
].map(([from, to, why]) =>
  never(`${from}-looks-down`, `^packages/${from}/`, `^packages/${to}`, why),
);

const kinds = "^packages/jobs/src/";
const apart = "The API loads http/, the worker work/: neither process loads the other's code.";
const processes = [
  never(
    "api-runs-no-work",
    "^apps/api/",
    `${kinds}(processors.ts|handler-list.ts|[^/]+/work/)|^packages/(upstream/src/index.ts|parsing/)`,
    "The API accepts and answers; the work and the outbound calls are the worker's.",
  ),
  never("worker-serves-no-routes", "^apps/worker/", `${kinds}(routes.ts|[^/]+/http/)`, apart),
  never(
    "http-without-work",
    `${kinds}[^/]+/http/`,
    `${kinds}([^/]+/work/|(processors|handler-list).ts)`,
    apart,
  ),
  never("work-without-http", `${kinds}[^/]+/work/`, `${kinds}([^/]+/http/|routes.ts)`, apart),
  rule(
    "contract-is-portable",
    { path: `${kinds}[^/]+/contract.ts$` },
    { pathNot: "^(node_modules/zod/|packages/contracts/)" },
    "Browsers and SDKs read contract.ts: it imports zod and @ilgam/contracts only.",
  ),
];

const everywhere = [
  rule(
    "no-circles",
    {},
    { circular: true },
    "Files that import each other, types included, are one thing cut in the wrong place.",
  ),
  rule(
    "nothing-imports-an-app",
    { path: "^([^/]+/[^/]+)/", pathNot: trials },
    { path: "^apps/", pathNot: "^($1|apps/sandbox)/" },
    "Apps stand at the end of every arrow: what two of them need belongs in a package.",
  ),
  rule(
    "sandbox-in-tests",
    { pathNot: [tests, trials, "^apps/sandbox/"] },
    { path: "^apps/sandbox/" },
    "It plays the world outside: for tests and for processes of its own.",
  ),
  rule(
    "testing-in-tests",
    { pathNot: [tests, trials] },
    { path: "^packages/testing/" },
    "It makes databases and servers that end with a test.",
  ),
  rule(
    "imports-resolve",
    {},
    { couldNotResolve: true },
    "What does not resolve escapes every rule here.",
  ),
];

export default {
  forbidden: [...owners, ...layers, ...processes, ...everywhere],
  options: {
    // TypeScript 7 has no API for its parser.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)generated/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
