import fc from "fast-check";
import { NIGHTLY } from "./runs.ts";

// By day the same run tries the same things, so that a change is what makes a test fail; the night tries others each time.
if (!NIGHTLY) fc.configureGlobal({ seed: 20_260_722 });
