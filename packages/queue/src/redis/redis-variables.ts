/** The variables that say where Redis is; the empty ones are left out. */
export type RedisVariables = Partial<
  Record<
    | "REDIS_URL"
    | "REDIS_HOST"
    | "REDIS_PORT"
    | "REDIS_DB"
    | "REDIS_USERNAME"
    | "REDIS_PASSWORD"
    | "REDIS_TLS"
    | "REDIS_SENTINELS"
    | "REDIS_SENTINEL_MASTER"
    | "REDIS_SENTINEL_USERNAME"
    | "REDIS_SENTINEL_PASSWORD"
    | "REDIS_SENTINEL_TLS"
    | "REDIS_CLUSTER_NODES",
    string
  >
>;

type Name = keyof RedisVariables;
type Problem = { name: Name; message: string };

const places = ["REDIS_URL", "REDIS_HOST", "REDIS_SENTINELS", "REDIS_CLUSTER_NODES"] as const;

const notSet =
  "is not set: give the address of Redis, redis://host:6379 " +
  "(or REDIS_HOST, REDIS_SENTINELS or REDIS_CLUSTER_NODES)";

/** What is missing, malformed or contradicts itself, without the values of what may be secret. */
export function findRedisProblems(given: RedisVariables): Problem[] {
  const named = places.filter((name) => given[name]);
  const [place, other] = named;
  if (!place) return [{ name: "REDIS_URL", message: notSet }];
  if (other) {
    const message = `stands beside ${place}, and both say where Redis is: give one of them`;
    return [{ name: other, message }];
  }
  const problems: Problem[] = [];
  const refuse = (name: Name, holds: unknown, message: string) => {
    if (given[name] && holds) problems.push({ name, message });
  };
  refuse("REDIS_PORT", place !== "REDIS_HOST", "goes with REDIS_HOST only");
  refuse("REDIS_PORT", !isPort(given.REDIS_PORT), "must be a port, 1 to 65535");
  refuse(
    "REDIS_DB",
    !/^\d{1,9}$/.test(given.REDIS_DB ?? ""),
    "must be a database number, such as 0",
  );
  refuse("REDIS_HOST", !isAddress(given.REDIS_HOST, false), "must be a host name or an IP address");
  if (place === "REDIS_URL") problems.push(...problemsOfUrl(given));
  if (place === "REDIS_CLUSTER_NODES") {
    const message = "must be 0 or unset: a Redis Cluster has no other database";
    refuse("REDIS_DB", Number(given.REDIS_DB) !== 0, message);
  }
  for (const name of ["REDIS_SENTINELS", "REDIS_CLUSTER_NODES"] as const) {
    const wrong = (given[name] ?? "").split(",").findIndex((entry) => !isAddress(entry, true));
    const message = `must list host:port,host:port; entry ${wrong + 1} is not of that form`;
    refuse(name, wrong >= 0, message);
  }
  return [...problems, ...problemsOfSentinel(given), ...problemsOfUsers(given)];
}

function problemsOfUrl(given: RedisVariables): Problem[] {
  const text = given.REDIS_URL ?? "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || !url.hostname || !/^\/?\d*$/.test(url.pathname)) {
    return [
      { name: "REDIS_URL", message: "must be of the form redis://user:password@host:6379/0" },
    ];
  }
  if (!isEscaped(url.username) || !isEscaped(url.password)) {
    return [{ name: "REDIS_URL", message: "has a % in its user or password: write %25" }];
  }
  const problems: Problem[] = [];
  const refuse = (name: Name, holds: boolean, message: string) => {
    if (given[name] && holds) problems.push({ name, message });
  };
  refuse("REDIS_DB", true, "is not read beside REDIS_URL: write redis://host:6379/1");
  const tls = url.protocol === "rediss:" ? "1" : "0";
  const scheme = tls === "1" ? "redis://" : "rediss://";
  refuse("REDIS_TLS", given.REDIS_TLS !== tls, `contradicts REDIS_URL: write ${scheme} there`);
  const another = "is another one than that in REDIS_URL: give one of them";
  const differs = (inUrl: string, name: Name) =>
    inUrl !== "" && decodeURIComponent(inUrl) !== given[name];
  refuse("REDIS_USERNAME", differs(url.username, "REDIS_USERNAME"), another);
  refuse("REDIS_PASSWORD", differs(url.password, "REDIS_PASSWORD"), another);
  return problems;
}

function problemsOfSentinel(given: RedisVariables): Problem[] {
  const own = [
    "REDIS_SENTINEL_MASTER",
    "REDIS_SENTINEL_USERNAME",
    "REDIS_SENTINEL_PASSWORD",
    "REDIS_SENTINEL_TLS",
  ] as const;
  if (!given.REDIS_SENTINELS) {
    const stray = own.filter((name) => given[name]);
    return stray.map((name) => ({ name, message: "goes with REDIS_SENTINELS only" }));
  }
  if (given.REDIS_SENTINEL_MASTER) return [];
  const message = "is not set: give the name by which the Sentinels know the master";
  return [{ name: "REDIS_SENTINEL_MASTER", message }];
}

function problemsOfUsers(given: RedisVariables): Problem[] {
  const pairs = [
    ["REDIS_USERNAME", "REDIS_PASSWORD"],
    ["REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD"],
  ] as const;
  return pairs
    .filter(([user, password]) => given[user] && !given[password] && !given.REDIS_URL)
    .map(([user, password]) => ({ name: user, message: `is given without ${password}` }));
}

function isPort(text = ""): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** "host" or "host:port", IPv6 in []; the first also bare when no port may follow. */
function isAddress(entry = "", mayHavePort: boolean): boolean {
  const text = entry.trim();
  if (!mayHavePort && /^[\da-f:.]*:[\da-f:.]*$/i.test(text))
    return URL.canParse(`redis://[${text}]`);
  const parts = /^(\[[\da-f:.]+\]|[^\s:/@?#[\]]+)(?::(\d+))?$/i.exec(text);
  if (!parts || !URL.canParse(`redis://${text}`)) return false;
  return parts[2] === undefined || (mayHavePort && isPort(parts[2]));
}

function isEscaped(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text);
}
