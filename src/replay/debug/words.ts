import type { PieceChange, Scalar } from "#base/cells.ts";
import { hexWord } from "#base/hex.ts";
import { PIECE_BYTES } from "#machine/state/memory.ts";
import type { MachineState } from "#machine/state/state.ts";
import { cellPath, cellText, shortJson } from "#machine/words/cell-text.ts";
import type { LastEvent } from "./timeline.ts";

/** One thing that an event changed: a cell, which was not there before or is not there after where that is left out; or memory. */
export type Change =
  | { readonly path: string; readonly before?: Scalar; readonly after?: Scalar }
  | { readonly address: string; readonly bytes: number };

/** What an event changed: each cell once, then each piece of memory that has other bytes now. */
export function changesOf({ cells, pieces }: LastEvent, state: MachineState): Change[] {
  const ends = new Map<string, { readonly before: Scalar | undefined; readonly after: Scalar | undefined }>();
  for (const { table, row, column, before, after } of cells) {
    const path = cellPath(table.name, row, column);
    const earlier = ends.get(path);
    ends.set(path, { before: earlier === undefined ? before : earlier.before, after });
  }
  const changed = [...ends].filter(([, { before, after }]) => before !== after);
  return [
    ...changed.map(([path, { before, after }]) => ({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    })),
    ...pieces.flatMap((change) => pieceChange(change, state)),
  ];
}

function pieceChange({ piece, before }: PieceChange, state: MachineState): Change[] {
  const now = state.memory.piece(piece);
  const words = PIECE_BYTES / 4;
  let bytes = 0;
  for (let i = 0; i < words; i += 1) {
    const difference = ((before?.[i] ?? 0) ^ (now?.[i] ?? 0)) >>> 0;
    for (let shift = 0; shift < 32; shift += 8) if (((difference >>> shift) & 0xff) !== 0) bytes += 1;
  }
  return bytes === 0 ? [] : [{ address: hexWord(piece * PIECE_BYTES), bytes }];
}

/** Changes in words, one a line. */
export function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return "it changed nothing";
  return changes
    .map((change) => {
      if ("address" in change) {
        return `memory at ${change.address}: ${change.bytes} ${change.bytes === 1 ? "byte" : "bytes"} written`;
      }
      return cellText(change);
    })
    .join("\n");
}

/** The fields of an event's data, one a line, the decoded message first. */
export function fieldsText(data: { readonly [field: string]: unknown }): string {
  const { decoded, ...rest } = data;
  const fields = Object.entries(decoded === undefined ? rest : { decoded, ...rest });
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `  ${name.padEnd(width)}  ${shortJson(value)}`).join("\n");
}

/** The tables of a state, how many rows each has. */
export function tablesText(state: MachineState): string {
  const tables = state.tables().filter(({ size }) => size > 0);
  const width = Math.max(0, ...tables.map(({ name }) => name.length));
  return tables
    .map(({ name, size }) => {
      const rows = `${size} ${size === 1 ? "row" : "rows"}`;
      return `  ${name.replaceAll("/", ".").padEnd(width)}  ${rows}`;
    })
    .join("\n");
}
