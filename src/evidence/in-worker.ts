import type { Problem } from "#base/problem.ts";
import { inThread, workerBeside } from "#replay/thread.ts";
import type { EvidenceRequest } from "./bundle.ts";

/** What a worker is asked for. */
export interface EvidenceTask {
  readonly file: string;
  readonly request: EvidenceRequest;
}

const WORKER = workerBeside("evidence.worker", import.meta.url);

/** The bundle for a question about the log at `file`, made in a thread of its own; `shutting-down` where the signal ends it. */
export function evidenceFrom(
  file: string,
  request: EvidenceRequest,
  signal?: AbortSignal,
): Promise<Uint8Array | Problem> {
  const task: EvidenceTask = { file, request };
  return inThread<Uint8Array>(WORKER, task, { signal });
}
