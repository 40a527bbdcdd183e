/** What stands before an event's name: who ran, where and when. */
export interface Prefix {
  /** Device's own time in microseconds, rounded down; null: none is told, or it is not in seconds. */
  readonly timeUs: number | null;
  readonly cpu: number | null;
  /** Name and pid as the tracer has them, `kworker/0:1-23`. */
  readonly task: string | null;
}

/** No tracer puts more before an event; whatever stands further to the left is noise. */
const PREFIX_CHARACTERS = 240;

/** `seconds.fraction:` at the end: the `trace` file and `trace-cmd report`. */
const TRACER_TIME = /(?:^|\s)(\d{1,10})\.(\d{3,9}):\s*$/;
/** `103us+:` at the end, counted from the start of the trace: option `latency-format`. */
const LATENCY_TIME = /\s(\d{1,12})us[ +!#*@$]?\s*:\s*$/;
/** `[   12.345678]`, the last of them: a console. A second bracket is the caller's (`[    T1]`, `[C0]`). */
const CONSOLE_TIME = /\[\s*(\d{1,10})\.(\d{3,9})\]\s*(?:\[\s*[TC]\d+\]\s*)?$/;
/** `bash-1234 [001]`, with a thread group id between where that is recorded. */
const TASK_AND_CPU = /(?:^|\s)(\S(?:.{0,31}\S)?-\d{1,10})\s+(?:\(\s*[-\d]+\)\s+)?\[(\d{1,4})\]/;
/** `bash-1234    3d..2.`: the CPU stands before the flags in `latency-format`. */
const TASK_AND_LATENCY = /(?:^|\s)(\S(?:.{0,31}\S)?-\d{1,10})\s+(\d{1,4})[a-zA-Z.#][^\s]*\s/;

/** Reads what stands before an event's name. Nothing of it has to be there. */
export function readPrefix(before: string): Prefix {
  const text = before.slice(-PREFIX_CHARACTERS);
  const console = CONSOLE_TIME.exec(text);
  if (console !== null) return { timeUs: microseconds(console[1], console[2]), cpu: null, task: null };
  const tracer = TRACER_TIME.exec(text);
  const latency = tracer === null ? LATENCY_TIME.exec(text) : null;
  const ran = TASK_AND_CPU.exec(text) ?? (latency === null ? null : TASK_AND_LATENCY.exec(text));
  const timeUs =
    tracer !== null ? microseconds(tracer[1], tracer[2]) : latency === null ? null : Number(latency[1]);
  return { timeUs, cpu: ran === null ? null : Number(ran[2]), task: ran?.[1] ?? null };
}

function microseconds(seconds = "0", fraction = ""): number {
  return Number(seconds) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}
