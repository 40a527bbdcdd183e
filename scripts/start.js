/** `npm start`: installs what is missing, builds, and serves a board; without --board the bundled R-Car V4H. */
import { join } from "node:path";
import { become, buildWhatIsStale, installWhatIsMissing, ROOT, runScript } from "./prepare.js";

await runScript(async () => {
  const args = process.argv.slice(2);
  const namesBoard = args.some((arg) => arg === "--board" || arg.startsWith("--board="));
  const board = namesBoard ? [] : ["--board", join(ROOT, "examples", "rcar-v4h", "board.yaml")];
  installWhatIsMissing();
  buildWhatIsStale();
  await become(join(ROOT, "bin", "scmictl.js"), ["serve", ...board, ...args]);
});
