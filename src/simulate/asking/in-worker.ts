import type { Problem } from "#base/problem.ts";
import { inThread, workerBeside } from "#replay/thread.ts";
import type { WhatIfReport } from "#replay/whatif/report.ts";
import type { ShrinkAsked, ShrunkLog } from "./shrink.ts";
import type { WhatIfAsked } from "./what-if.ts";

/** What a worker is asked for. */
export type AskingTask = { readonly file: string } & (
  | { readonly kind: "what-if"; readonly asked: WhatIfAsked }
  | { readonly kind: "shrink"; readonly asked: ShrinkAsked }
);

const WORKER = workerBeside("asking.worker", import.meta.url);

/** What would have been otherwise in the log at `file`, in a thread of its own; `shutting-down` where the signal ends it. */
export function whatIfLog(
  file: string,
  asked: WhatIfAsked,
  signal?: AbortSignal,
): Promise<WhatIfReport | Problem> {
  const task: AskingTask = { kind: "what-if", file, asked };
  return inThread<WhatIfReport>(WORKER, task, { signal, isLong: true });
}

/** The log at `file` shrunk to a script, in a thread of its own; `shutting-down` where the signal ends it. */
export function shrinkLog(
  file: string,
  asked: ShrinkAsked,
  signal?: AbortSignal,
): Promise<ShrunkLog | Problem> {
  const task: AskingTask = { kind: "shrink", file, asked };
  return inThread<ShrunkLog>(WORKER, task, { signal, isLong: true });
}
