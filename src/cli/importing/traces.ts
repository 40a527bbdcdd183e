import { basename } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Control, Requester } from "#control/control.ts";
import type { Command } from "#control/requests.ts";
import type { TraceImported } from "#events/observed.ts";
import { reason } from "#inputs/read-file.ts";
import { openToReread } from "#inputs/reread-file.ts";
import { insteadOfText } from "#traces/instead-of-text.ts";
import { type ReadTrace, readFtraceFile, readXenLogFile, type TraceFile } from "#traces/observations.ts";
import { openHostless } from "../logs/hostless-log.ts";
import { makeLog } from "../logs/new-log.ts";
import { note, print, printJson } from "../output.ts";

/** A trace to import, and whose kernel wrote it where somebody knows. */
export interface TraceToImport {
  readonly file: string;
  readonly agentId: number | null;
}

/** Observations that share a transaction. */
const BATCH = 256;

const REQUESTER: Requester = { actor: "import", source: "import", reason: null, request: null };

/** Makes a new log of Linux' traces, one after the other. Nothing of it stays where one of them is refused. */
export async function importFtrace(
  traces: readonly TraceToImport[],
  log: string,
  isJson: boolean,
): Promise<Problem | null> {
  return await importTraces(traces, log, isJson, (file, agentId) => readFtraceFile(file, agentId));
}

/** Makes a new log of what Xen said on its console. */
export async function importXenLog(file: string, log: string, isJson: boolean): Promise<Problem | null> {
  return await importTraces([{ file, agentId: null }], log, isJson, (read) => readXenLogFile(read));
}

type Reader = (file: TraceFile, agentId: number | null) => ReadTrace;

async function importTraces(
  traces: readonly TraceToImport[],
  log: string,
  isJson: boolean,
  reader: Reader,
): Promise<Problem | null> {
  const recorded = await makeLog(log, (unfinished) => record(unfinished, traces, reader));
  if (isProblem(recorded)) return recorded;
  const { events, imported } = recorded;
  if (isJson) await printJson({ log, events, traces: imported });
  else await print([...imported.map(told), `${log}: ${events} events`].join("\n"));
  return null;
}

/** What a new log was made of. */
interface Recorded {
  readonly events: number;
  readonly imported: readonly TraceImported[];
}

async function record(
  log: string,
  traces: readonly TraceToImport[],
  reader: Reader,
): Promise<Recorded | Problem> {
  const control = await openHostless(log);
  if (isProblem(control)) return control;
  const imported: TraceImported[] = [];
  for (const each of traces) {
    const trace = await importTrace(control, each, reader);
    if (isProblem(trace)) {
      await control.close();
      return trace;
    }
    imported.push(trace);
  }
  const events = control.headSeq;
  await control.close();
  return { events, imported };
}

/** Reads a trace, which has to hold something, and writes it behind what is there. */
async function importTrace(
  control: Control,
  { file, agentId }: TraceToImport,
  reader: Reader,
): Promise<TraceImported | Problem> {
  const opened = await openToReread(file);
  if (isProblem(opened)) return opened;
  try {
    const trace = reader({ file, name: basename(file), chunks: opened.chunks }, agentId);
    const { source, lines } = trace.imported;
    if (trace.count === 0) {
      return problem("trace-without-events", { file, source, lines, instead: insteadOf(opened.chunks()) });
    }
    return (await written(control, trace)) ?? trace.imported;
  } catch (error) {
    // A disk that fails while it is read; what has no code is a bug of ours.
    if (typeof (error as NodeJS.ErrnoException).code !== "string") throw error;
    return problem("file-unreadable", { file, why: reason(error) });
  } finally {
    opened.close();
  }
}

/** What a file is that holds no lines of text; null: nobody knows. */
function insteadOf(chunks: Iterable<Uint8Array>): string | null {
  for (const chunk of chunks) return insteadOfText(chunk);
  return null;
}

/** Writes a trace behind what is there; the first problem, or null. */
async function written(control: Control, { imported, observations }: ReadTrace): Promise<Problem | null> {
  let batch: Command[] = [{ kind: "trace.imported", observed: imported }];
  const found = observations(control.headSeq + 1);
  for (;;) {
    const next = found.next();
    if (next.done !== true) batch.push(next.value);
    if (next.done !== true && batch.length < BATCH) continue;
    const fault = (next.done === true ? next.value : null) ?? (await submitted(control, batch));
    if (fault !== null || next.done === true) return fault;
    batch = [];
  }
}

/** Writes commands together; the first problem, or null. */
async function submitted(control: Control, commands: readonly Command[]): Promise<Problem | null> {
  const answers = await Promise.all(commands.map((command) => control.submit(command, REQUESTER)));
  const results = answers.map(({ outcome }) => outcome.result);
  return results.find((result) => isProblem(result)) ?? null;
}

function told({ file, lines, counts, faults }: TraceImported): string {
  for (const { line, why } of faults) note(`${file}:${line}: ${why}`);
  if (counts["cut-line"] !== undefined) note(`${file}: stops within a line; what that one says may be cut`);
  const found = Object.entries(counts).filter(([name]) => name !== "cut-line");
  return `${file}: ${lines} lines: ${found.map(([name, count]) => `${count} ${name}`).join(", ")}`;
}
