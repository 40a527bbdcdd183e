/**
 * What start.js, test.js and build.js share: installing what is missing, building what is stale, and handing over to a
 * program. Plain JavaScript on Node alone, because it runs before anything is installed.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(ROOT, ...parts);

/** A failure that the user can mend: printed as one line, without a stack. */
class Failure extends Error {}

/** Runs `main`; a `Failure` becomes one line on stderr and exit status 1. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`scmi-control-plane: ${error.message}`);
    process.exitCode = 1;
  }
}

/** Installs the dependencies if any is missing or older than the lockfile, and rebuilds a SQLite that does not load. */
export function installWhatIsMissing() {
  requireNode(20, 19);
  if (!isInstalled()) {
    // Not `npm ci`, which would throw away a working node_modules; dev dependencies hold the compiler.
    npm("installing the dependencies", ["install", "--no-audit", "--no-fund", "--include=dev"]);
    const now = new Date();
    utimesSync(at("node_modules", ".package-lock.json"), now, now);
  }
  if (!sqliteLoads()) {
    npm("building SQLite for this Node", ["rebuild", "better-sqlite3"]);
    if (!sqliteLoads()) {
      throw new Failure(
        "better-sqlite3 does not load, even rebuilt; is ignore-scripts set for npm, or a C++ compiler missing?",
      );
    }
  }
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new Failure(`Node ${process.versions.node} is too old; ${major}.${minor} or newer is needed`);
}

function isInstalled() {
  const installed = at("node_modules", ".package-lock.json"); // npm writes it last
  return existsSync(installed) && modifiedMs(installed) >= modifiedMs(at("package-lock.json"));
}

/** In a process of its own: what fails to load here once would fail for ever. */
function sqliteLoads() {
  const probe = 'new (require("better-sqlite3"))(":memory:").close()';
  return spawnSync(process.execPath, ["-e", probe], { cwd: ROOT, stdio: "ignore" }).status === 0;
}

function npm(doing, args) {
  progress(`${doing} (npm ${args[0]}); this can take a minute or two`);
  const { status, error } = spawnSync("npm", args, {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error) throw new Failure(`npm cannot be run: ${error.message}`);
  if (status !== 0) {
    throw new Failure(`npm ${args.join(" ")} failed with status ${status}; its own messages above say why`);
  }
}

const STAMP = at("dist", ".built");

/** Compiles src/ into dist/, unless dist/ is newer than all that it is made from. */
export function buildWhatIsStale() {
  const sources = ["src", "tsconfig.json", "tsconfig.build.json", "package.json", "scripts/prepare.js"].map(
    (name) => at(name),
  );
  if (existsSync(STAMP) && sources.every((path) => newestMs(path) < modifiedMs(STAMP))) return;

  progress("building");
  const began = new Date();
  // As deep as dist/, for the source maps say from there where the sources are.
  const fresh = at(`.build-${process.pid}`);
  try {
    compile(fresh);
    replaceDist(fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  // Dated when the build began: what was edited meanwhile is newer, and built the next time.
  writeFileSync(STAMP, "");
  utimesSync(STAMP, began, began);
}

function compile(outDir) {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, "-p", "tsconfig.build.json", "--outDir", outDir],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  if (status === 0) return;
  process.stderr.write(stdout);
  throw new Failure("the build failed; tsc says above where");
}

/** File by file and atomically, so that a server or a test running from dist/ never reads half a file. */
function replaceDist(fresh) {
  const built = filesUnder(fresh);
  for (const file of built) {
    mkdirSync(dirname(at("dist", file)), { recursive: true });
    renameSync(join(fresh, file), at("dist", file));
  }
  const wanted = new Set(built);
  for (const file of filesUnder(at("dist"))) {
    if (!wanted.has(file)) rmSync(at("dist", file), { force: true });
  }
}

function filesUnder(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
}

/** When anything at or below `path` last changed; directories count, so that a deleted file shows. */
function newestMs(path) {
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestMs(join(path, name))),
    own.mtimeMs,
  );
}

function modifiedMs(path) {
  return statSync(path).mtimeMs;
}

/** Becomes another Node program: same process, so signals, terminal and exit status need no passing on. */
export async function become(file, args) {
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

/** On stderr, so that what a program prints on stdout stays its own. */
function progress(what) {
  console.error(`scmi-control-plane: ${what} ...`);
}
