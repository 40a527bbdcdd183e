import { existsSync } from "node:fs";
import { basename } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { Control, type Requester } from "#control/control.ts";
import type { Command } from "#control/requests.ts";
import type { TraceImported } from "#events/observed.ts";
import { readBytes } from "#inputs/read-file.ts";
import { sha256 } from "#replay/hash.ts";
import { type ReadTrace, readFtraceFile, readXenLogFile, type TraceFile } from "#traces/observations.ts";
import { removeLog } from "../new-log.ts";
import { note, print, printJson } from "../output.ts";
import { VERSION } from "../version.ts";

/** A trace to import, and whose kernel wrote it where somebody knows. */
export interface TraceToImport {
  readonly file: string;
  readonly agentId: number | null;
}

/** A longer trace has to be cut: to put exchanges together all of it is kept in memory, in about twelve times its size. */
const TRACE_BYTES_MAX = 128 * 1024 * 1024;
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
  if (existsSync(log)) return problem("log-exists", { file: log });
  const recorded = await record(log, traces, reader);
  if (isProblem(recorded)) return recorded;
  const { events, imported } = recorded;
  if (isJson) await printJson({ log, events, traces: imported });
  else await print([...imported.map(told), `${log}: ${events} events`].join("\n"));
  return null;
}

/** Reads a trace, which has to hold something. */
async function read({ file, agentId }: TraceToImport, reader: Reader): Promise<ReadTrace | Problem> {
  const text = await textOf(file);
  if (isProblem(text)) return text;
  const trace = reader(text, agentId);
  if (trace.count > 0) return trace;
  const { source, lines } = trace.imported;
  return problem("trace-without-events", { file, source, lines });
}

async function textOf(file: string): Promise<TraceFile | Problem> {
  const bytes = await readBytes(file, TRACE_BYTES_MAX);
  if (isProblem(bytes)) return bytes;
  // A serial line loses bits: what is not UTF-8 is noise, and told as such by whoever reads the line.
  const text = new TextDecoder("utf-8").decode(bytes);
  return { name: basename(file), bytes: bytes.length, digest: sha256(bytes), text };
}

/** What a new log was made of. */
interface Recorded {
  readonly events: number;
  readonly imported: readonly TraceImported[];
}

/** Makes the log, or nothing. */
async function record(
  log: string,
  traces: readonly TraceToImport[],
  reader: Reader,
): Promise<Recorded | Problem> {
  const control = await Control.open({
    file: log,
    description: null,
    withoutHost: true,
    newBoard: false,
    clock: () => Date.now() * 1000,
    program: VERSION,
  });
  if (isProblem(control)) return control;
  // Somebody else may have made it since we looked: then it is not ours to fill, or to remove.
  const isNew = control.headSeq === 0;
  const imported = isNew ? await filled(control, traces, reader) : problem("log-exists", { file: log });
  const events = control.headSeq;
  await control.close();
  if (!isProblem(imported)) return { events, imported };
  if (isNew) removeLog(log);
  return imported;
}

/** Reads and writes one trace after the other, so that only one is in memory. */
async function filled(
  control: Control,
  traces: readonly TraceToImport[],
  reader: Reader,
): Promise<readonly TraceImported[] | Problem> {
  const imported: TraceImported[] = [];
  for (const each of traces) {
    const trace = await read(each, reader);
    if (isProblem(trace)) return trace;
    const fault = await written(control, trace);
    if (fault !== null) return fault;
    imported.push(trace.imported);
  }
  return imported;
}

/** Writes a trace behind what is there; the first problem, or null. */
async function written(control: Control, { imported, observations }: ReadTrace): Promise<Problem | null> {
  let batch: Command[] = [{ kind: "trace.imported", observed: imported }];
  for (const observation of observations(control.headSeq + 1)) {
    batch.push(observation);
    if (batch.length < BATCH) continue;
    const fault = await submitted(control, batch);
    if (fault !== null) return fault;
    batch = [];
  }
  return await submitted(control, batch);
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
