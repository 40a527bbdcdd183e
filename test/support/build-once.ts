import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

const BUILD = fileURLToPath(new URL("../../scripts/build.js", import.meta.url));

/** Builds dist/ where src/ is newer, so that the end-to-end tests run the program that users run; when watching, each time. */
export default function buildOnce(project: TestProject): void {
  build();
  project.onTestsRerun(build);
}

function build(): void {
  execFileSync(process.execPath, [BUILD], { stdio: ["ignore", "inherit", "inherit"] });
}
