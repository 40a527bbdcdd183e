import type { FtraceRecord } from "./records.ts";

/** Records that are remembered, at the least: a kernel's whole log buffer is far less. */
const REMEMBERED = 32_768;

/** Some records that followed each other, and what they say as far as anybody asked. */
interface Generation {
  readonly records: FtraceRecord[];
  readonly known: Set<string>;
  /** The first so many records are in `known`. */
  taken: number;
}

/**
 * Finds records that were there before, time and all: a console that printed its log again. Only where time steps back is anything
 * looked up, and only the last {@link REMEMBERED} to twice as many are remembered.
 */
export class Repeats {
  #latestUs = -1;
  #newer = generation();
  #older = generation();

  /** Whether a record was there before; one that was not is remembered. */
  has(record: FtraceRecord): boolean {
    const isKnown = record.timeUs !== null && record.timeUs <= this.#latestUs && this.#knows(record);
    if (!isKnown) this.#remember(record);
    return isKnown;
  }

  #knows(record: FtraceRecord): boolean {
    const text = saying(record);
    return knows(this.#newer, text) || knows(this.#older, text);
  }

  #remember(record: FtraceRecord): void {
    if (record.timeUs === null) return;
    this.#latestUs = Math.max(this.#latestUs, record.timeUs);
    this.#newer.records.push(record);
    if (this.#newer.records.length < REMEMBERED) return;
    this.#older = this.#newer;
    this.#newer = generation();
  }
}

function generation(): Generation {
  return { records: [], known: new Set(), taken: 0 };
}

function knows(within: Generation, text: string): boolean {
  for (; within.taken < within.records.length; within.taken += 1) {
    within.known.add(saying(within.records[within.taken] as FtraceRecord));
  }
  return within.known.has(text);
}

function saying(record: FtraceRecord): string {
  return JSON.stringify({ ...record, line: 0 });
}
