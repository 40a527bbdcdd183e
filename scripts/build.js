/** `npm run build`: compiles src/ into dist/ when dist/ is older. Types are the business of `npm run check`. */
import { buildWhatIsStale, runScript } from "./prepare.js";

await runScript(buildWhatIsStale);
