/** `npm test`: installs what is missing and runs the whole test suite; arguments go to vitest. */
import { join } from "node:path";
import { become, installWhatIsMissing, ROOT, runScript } from "./prepare.js";

await runScript(async () => {
  installWhatIsMissing();
  process.chdir(ROOT);
  await become(join(ROOT, "node_modules", "vitest", "vitest.mjs"), ["run", ...process.argv.slice(2)]);
});
