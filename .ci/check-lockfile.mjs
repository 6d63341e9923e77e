// Checks package-lock.json: it names no download host, and holds the optional packages of every
// platform, those of this machine or not: npm leaves out what the installing machine lacked.
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
const { packages } = JSON.parse(text);

/** As Node finds it: the nearest node_modules upwards. */
function isLocked(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (`${at === "" ? "" : `${at}/`}node_modules/${name}` in packages) return true;
    if (at === "") return false;
  }
}

const missing = Object.entries(packages).flatMap(([at, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies)
    .filter((name) => !isLocked(at, name))
    .map((name) => `${name}, an optional package of ${at}, is not locked`),
);
const hosted = Object.entries(packages)
  .filter(([, { resolved = "" }]) => resolved.includes("://"))
  .map(([at, { resolved }]) => `${at} names a host: ${resolved}`);
const problems = [...missing, ...hosted];
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error("Remove these and what needs them from the lockfile, then `npm install --save`.");
  process.exit(1);
}
console.log(`Lockfile: ${Object.keys(packages).length} packages, for all platforms, no host.`);
