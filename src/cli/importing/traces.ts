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

/** A longer trace has to be cut: all of it is kept in memory to put exchanges together. */
const TRACE_BYTES_MAX = 256 * 1024 * 1024;
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
  const read: ReadTrace[] = [];
  for (const { file, agentId } of traces) {
    const text = await textOf(file);
    if (isProblem(text)) return text;
    const trace = reader(text, agentId);
    if (trace.count === 0) {
      const { source, lines } = trace.imported;
      return problem("trace-without-events", { file, source, lines });
    }
    read.push(trace);
  }
  if (existsSync(log)) return problem("log-exists", { file: log });
  const events = await record(log, read);
  if (isProblem(events)) return events;
  if (isJson) await printJson({ log, events, traces: read.map(({ imported }) => imported) });
  else await print([...read.map(({ imported }) => told(imported)), `${log}: ${events} events`].join("\n"));
  return null;
}

async function textOf(file: string): Promise<TraceFile | Problem> {
  const bytes = await readBytes(file, TRACE_BYTES_MAX);
  if (isProblem(bytes)) return bytes;
  // A serial line loses bits: what is not UTF-8 is noise, and told as such by whoever reads the line.
  const text = new TextDecoder("utf-8").decode(bytes);
  return { name: basename(file), bytes: bytes.length, digest: sha256(bytes), text };
}

/** Writes what was read into a new log. Gives the number of its events. */
async function record(log: string, traces: readonly ReadTrace[]): Promise<number | Problem> {
  const control = await Control.open({
    file: log,
    description: null,
    withoutHost: true,
    newBoard: false,
    clock: () => Date.now() * 1000,
    program: VERSION,
  });
  if (isProblem(control)) {
    // Another's lock is on another's log.
    if (control.code !== "log-in-use") removeLog(log);
    return control;
  }
  // Somebody made it since we looked.
  const isNew = control.headSeq === 0;
  const fault = isNew ? await filled(control, traces) : problem("log-exists", { file: log });
  const events = control.headSeq;
  await control.close();
  if (fault === null) return events;
  if (isNew) removeLog(log);
  return fault;
}

/** Writes traces into an empty log; the first problem, or null. */
async function filled(control: Control, traces: readonly ReadTrace[]): Promise<Problem | null> {
  for (const { imported, observations } of traces) {
    const trace = control.headSeq + 1;
    let batch: Command[] = [{ kind: "trace.imported", observed: imported }];
    for (const observation of observations(trace)) {
      batch.push(observation);
      if (batch.length < BATCH) continue;
      const fault = await submitted(control, batch);
      if (fault !== null) return fault;
      batch = [];
    }
    const fault = await submitted(control, batch);
    if (fault !== null) return fault;
  }
  return null;
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
