import type { TraceImported } from "#events/observed.ts";
import type { Observation } from "#machine/commands/commands.ts";
import { countsOf, type Observed, observedOf } from "./ftrace/exchanges.ts";
import { readFtrace } from "./ftrace/read-ftrace.ts";
import { readXenLog } from "./xen-log/read-xen-log.ts";

/** A file that was read, before anything of it is in a log. */
export interface TraceFile {
  /** Name without its folder. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly text: string;
}

/** What a file comes to in a log: that it was imported, then what was observed. */
export interface ReadTrace {
  readonly imported: TraceImported;
  /** How many observations there are. */
  readonly count: number;
  /** @param trace seq of the event that the trace was imported */
  observations(trace: number): Iterable<Observation>;
}

/**
 * Reads Linux' trace events.
 *
 * @param agentId the agent whose kernel it was, null: nobody knows
 */
export function readFtraceFile(file: TraceFile, agentId: number | null): ReadTrace {
  const reading = readFtrace(file.text);
  const { records, lines, otherLines, repeated, lost, damaged, faults, endsWithinLine } = reading;
  const observed = observedOf(records);
  const counts = {
    ...countsOf(observed),
    "fast-channel": records.filter(({ event }) => event === "fast-channel").length,
    repeated,
    lost,
    damaged,
    "cut-line": endsWithinLine ? 1 : 0,
    "other-lines": otherLines,
  };
  return {
    imported: imported("ftrace", file, { lines, counts, faults }),
    count: observed.length,
    *observations(trace) {
      for (const each of observed) {
        yield { kind: "scmi.observed", agentId, observed: { trace, ...scmiOf(each) } };
      }
    },
  };
}

/** Reads Xen's console. */
export function readXenLogFile(file: TraceFile): ReadTrace {
  const { records, lines, otherLines, damaged, faults } = readXenLog(file.text);
  const unknown = records.filter(({ message }) => message === "other").length;
  const counts = {
    messages: records.length,
    "unknown-messages": unknown,
    damaged,
    "other-lines": otherLines,
  };
  return {
    imported: imported("xen-log", file, { lines, counts, faults }),
    count: records.length,
    *observations(trace) {
      for (const record of records) {
        yield {
          kind: "xen.observed",
          agentId: agentOf(record.fields["agentId"]),
          observed: { trace, ...record },
        };
      }
    },
  };
}

type Found = Pick<TraceImported, "lines" | "counts" | "faults">;

function imported(
  source: TraceImported["source"],
  file: TraceFile,
  { lines, counts, faults }: Found,
): TraceImported {
  const { name, bytes, digest } = file;
  const told = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { source, file: name, bytes, digest, lines, counts: told, faults };
}

function scmiOf(each: Observed) {
  const { line, timeUs, task, protocolId, messageId, token, instance, channel, kind } = each;
  const common = { line, timeUs, task, protocolId, messageId, token, instance, channel, kind };
  if (each.kind !== "exchange") {
    const { status, payload } = each;
    return {
      ...common,
      endTimeUs: null,
      request: null,
      status,
      response: payload,
      outcome: null,
      errno: null,
    };
  }
  const { endTimeUs, request, response, outcome, errno } = each;
  const status = response?.status ?? null;
  return { ...common, endTimeUs, request, status, response: response?.payload ?? null, outcome, errno };
}

/** An agent that an event can be about; Xen prints -1 while it does not know. */
function agentOf(value: number | string | undefined): number | null {
  return typeof value === "number" && value >= 0 && value < 0xffff_ffff ? value : null;
}
