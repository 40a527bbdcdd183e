import type { Scalar } from "#base/cells.ts";
import { hexWord } from "#base/hex.ts";
import type { MachineState } from "../state/state.ts";
import { cellPath, cellText } from "./cell-text.ts";
import { FIRMWARE_WORDS } from "./firmware.ts";
import { hostWords } from "./host.ts";
import { MEDIATOR_WORDS } from "./mediator.ts";
import { pageWords } from "./memory.ts";
import { type RowChange, rowChanges } from "./row-changes.ts";
import type { Teller } from "./teller.ts";
import { Who } from "./who.ts";

/** A sentence about what is another between two moments, and what it speaks of: JSON pointers into the state as people read it. */
export interface StateSentence {
  readonly text: string;
  readonly pointers: readonly string[];
}

const TELLERS: { readonly [table: string]: Teller | undefined } = {
  host: hostWords,
  ...MEDIATOR_WORDS,
  ...FIRMWARE_WORDS,
};

/**
 * In what two states differ, in sentences, in the order of the tables and then of the pages. Nothing is left out: what nobody has
 * words for is told by its path, old and new.
 */
export function stateWords(before: MachineState, after: MachineState): StateSentence[] {
  const who = new Who(before, after);
  const changes = new Changes(rowChanges(before, after));
  const sentences: StateSentence[] = [];
  for (const change of changes.rows) {
    const left = { ...change, columns: changes.left(change) };
    if (left.columns.length === 0) continue;
    const telling = { who, take: changes.take.bind(changes) };
    const said = TELLERS[change.table]?.(left, telling) ?? [];
    const taken = changes.newlyTaken();
    for (const [i, { text, columns }] of said.entries()) {
      const own = columns.map((column) => pointer(change, column));
      sentences.push({ text, pointers: i === 0 ? [...own, ...taken] : own });
    }
    const spoken = new Set(said.flatMap(({ columns }) => columns));
    for (const column of left.columns) if (!spoken.has(column)) sentences.push(byPath(change, column));
  }
  const pages = pageWords(before, after, who).map(({ text, pieces }) => ({
    text,
    pointers: pieces.map((address) => `/memory/${hexWord(address)}`),
  }));
  return [...sentences, ...pages];
}

function byPath(change: RowChange, column: string): StateSentence {
  const { table, row, before, after } = change;
  const path = cellPath(table, row, column);
  const text = cellText({ path, before: before[column], after: after[column] });
  return { text, pointers: [pointer(change, column)] };
}

/** Rows that changed, and which of their cells a sentence about another row speaks of. */
class Changes {
  readonly rows: readonly RowChange[];
  readonly #byRow: ReadonlyMap<string, RowChange>;
  readonly #taken = new Set<string>();
  #newlyTaken: string[] = [];

  constructor(rows: readonly RowChange[]) {
    this.rows = rows;
    this.#byRow = new Map(rows.map((change) => [`${change.table}/${change.row}`, change]));
  }

  /** The columns that no other row's sentence speaks of. */
  left(change: RowChange): string[] {
    return change.columns.filter((column) => !this.#taken.has(pointer(change, column)));
  }

  take(table: string, row: number | string, column: string): Scalar | undefined {
    const change = this.#byRow.get(`${table}/${row}`);
    if (change === undefined || !change.columns.includes(column)) return undefined;
    this.#taken.add(pointer(change, column));
    this.#newlyTaken.push(pointer(change, column));
    return change.after[column];
  }

  newlyTaken(): readonly string[] {
    const taken = this.#newlyTaken;
    this.#newlyTaken = [];
    return taken;
  }
}

function pointer({ table, row }: RowChange, column: string): string {
  return `/${table}/${escaped(String(row))}/${escaped(column)}`;
}

/** As RFC 6901 has it. */
function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
