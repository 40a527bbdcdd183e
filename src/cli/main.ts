import { endQuietlyWithReader, flush } from "./output.ts";
import { run } from "./program.ts";

endQuietlyWithReader();
await run(process.argv.slice(2));
await flush();
