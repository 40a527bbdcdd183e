/**
 * `npm run check`: types, lint and dead code side by side, told as each ends; then the tests, if all is well. Arguments go to
 * vitest.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { become, installWhatIsMissing, ROOT, runScript } from "./prepare.js";

const CHECKS = {
  types: ["tsc", "--noEmit"],
  "lint and format": ["biome", "check", "--error-on-warnings"],
  "dead code": ["knip"],
};

await runScript(async () => {
  installWhatIsMissing();
  process.chdir(ROOT);
  const results = await Promise.all(Object.entries(CHECKS).map(([name, command]) => isFine(name, command)));
  if (results.includes(false)) {
    process.exitCode = 1;
    return;
  }
  await become(join(ROOT, "node_modules", "vitest", "vitest.mjs"), ["run", ...process.argv.slice(2)]);
});

/** Runs one check and tells how it went; what it says itself only where it failed. */
async function isFine(name, [program, ...args]) {
  const began = performance.now();
  const { output, status } = await runs(join("node_modules", ".bin", program), args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "ok" : "failed"} (${seconds} s)`);
  if (status !== 0) process.stdout.write(output);
  return status === 0;
}

function runs(program, args) {
  const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: "1" } : process.env;
  const child = spawn(program, args, { env, shell: process.platform === "win32" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ output, status }));
  });
}
