import { readFileSync } from "node:fs";

/** Version of this program: package.json's, which lies two folders above the sources and the built files alike. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
