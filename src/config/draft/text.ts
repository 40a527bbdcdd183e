import type { Assumption, ImportNote } from "./draft.ts";

/** Fields that people think of in hexadecimal. */
export const HEX_FIELDS: ReadonlySet<string> = new Set(["funcId", "shmem", "p2a"]);

/** An assumption as a line: what, of which items, why. */
export function assumptionText({ field, ids, value, why }: Assumption): string {
  const of = ids === null ? "" : ` of ${idsText(ids)}`;
  const shown = value === null ? "" : ` = ${valueText(field, value)}`;
  return `assumed: ${field}${of}${shown}: ${why}`;
}

function valueText(field: string, value: Assumption["value"]): string {
  const name = field.slice(field.lastIndexOf(".") + 1);
  if (typeof value === "number" && HEX_FIELDS.has(name)) return `0x${value.toString(16)}`;
  return typeof value === "string" ? (value === "" ? '""' : value) : JSON.stringify(value);
}

/** A note as a line: where, what. */
export function noteText({ where, message }: ImportNote): string {
  return where === null ? `note: ${message}` : `note: ${where}: ${message}`;
}

/** Ids in short: "0 to 4, 7". */
export function idsText(ids: readonly number[]): string {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const id of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`))
    .join(", ");
}
