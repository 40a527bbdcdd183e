import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds dist/ before the first test, so that the end-to-end tests run the program that users run. */
export default function buildOnce(): void {
  const build = fileURLToPath(new URL("../../scripts/build.js", import.meta.url));
  execFileSync(process.execPath, [build], { stdio: ["ignore", "inherit", "inherit"] });
}
