import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { Scalar } from "#base/cells.ts";
import { fromHex, toHex } from "#base/hex.ts";
import type { MachineState } from "./state.ts";

/** The state as JSON says it: `{tables: {name: [[row, {column: value}], …]}, memory: [[piece, hex], …]}`. */
interface SnapshotJson {
  readonly tables: {
    readonly [name: string]: readonly [number | string, { readonly [column: string]: Scalar }][];
  };
  readonly memory: readonly [number, string][];
}

/** The whole state as canonical JSON: the same state gives the same text. The configuration is left out, the log has it. */
export function saveState(state: MachineState): string {
  const tables: { [name: string]: [number | string, { [column: string]: Scalar }][] } = {};
  for (const table of state.tables()) {
    tables[table.name] = table
      .keys()
      .map((row) => [row, { ...(table.get(row) as { [column: string]: Scalar }) }]);
  }
  const memory = [...state.memory.pieces()].map(({ piece, bytes }) => [piece, toHex(bytes)] as const);
  return canonicalJson({ tables, memory } as unknown as Json);
}

/** Loads a state that {@link saveState} gave into an empty one, past the journal. Throws where the text is none. */
export function loadState(state: MachineState, text: string): void {
  const { tables, memory } = JSON.parse(text) as SnapshotJson;
  for (const table of state.tables()) {
    for (const [row, cells] of tables[table.name] ?? []) {
      for (const column of Object.keys(cells)) table.restore(row, column, cells[column]);
    }
  }
  for (const [piece, hex] of memory) {
    const bytes = fromHex(hex);
    if (bytes === null) throw new Error(`piece ${piece} is not hex`);
    state.memory.loadPiece(piece, bytes);
  }
}

/**
 * The state as people read it: tables as nested objects by path, pages as hex by address of their 128-byte pieces. The same state
 * gives the same keys in the same order, whichever way it was come to.
 */
export function stateView(state: MachineState): Json {
  const view: { [key: string]: unknown } = {};
  for (const table of state.tables()) {
    const rows: { [row: string]: unknown } = {};
    for (const row of table.keys()) rows[String(row)] = sortedCells(table.get(row) ?? {});
    let place = view;
    const parts = table.name.split("/");
    for (const part of parts.slice(0, -1)) {
      place[part] ??= {};
      place = place[part] as { [key: string]: unknown };
    }
    place[parts.at(-1) as string] = rows;
  }
  const memory: { [address: string]: string } = {};
  for (const { piece, bytes } of state.memory.pieces())
    memory[`0x${(piece * 128).toString(16)}`] = toHex(bytes);
  view["memory"] = memory;
  return view as Json;
}

function sortedCells(cells: object): object {
  return Object.fromEntries(Object.entries(cells).sort(([a], [b]) => (a < b ? -1 : 1)));
}
