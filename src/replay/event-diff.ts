import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { type Body, encodeBody, isBodyFault, readBody } from "#events/body.ts";
import { dataJson } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";
import { type EventRow, machineEvent } from "#store/log-reader.ts";
import { type LeafDifference, leafDifferences } from "./json-diff.ts";

/** Whether a row is what a re-decided event would be stored as. Its time is its command's, and not looked at. */
export function isRowOf(row: EventRow, event: MachineEvent, commandId: number): boolean {
  return (
    row.type === event.type &&
    row.epoch === event.epoch &&
    row.command_id === commandId &&
    row.domid === event.domid &&
    row.agent === event.agentId &&
    Buffer.compare(row.body, encodeBody(event)) === 0
  );
}

/** In what a row differs from a re-decided event; null: nothing was decided for it, and only the row itself can be looked at. */
export function rowDifferences(
  row: EventRow,
  event: MachineEvent | null,
  commandId: number | null,
): LeafDifference[] {
  const body = readBody(row.body);
  const differences = columnDifferences(row, isBodyFault(body) ? null : body, event, commandId);
  if (isBodyFault(body)) {
    return [...differences, { path: "undecodable", recorded: body.fault, replayed: event && whole(event) }];
  }
  if (event === null) return differences;
  const replayed = encodeBody(event);
  if (Buffer.compare(row.body, replayed) === 0) return differences;
  const inBody = leafDifferences(
    { ...whole(machineEvent(row.seq, row.epoch, body)), version: body.version },
    { ...whole(event), version: replayed[VERSION_AT] as number },
  );
  const sameWords = { path: "body", recorded: toHex(row.body), replayed: toHex(replayed) };
  return [...differences, ...(inBody.length === 0 ? [sameWords] : inBody)];
}

/** Where a body has the version of its type. */
const VERSION_AT = 5;

/** Columns repeat what the body says: there a column is at fault that differs from its own row's body. */
function columnDifferences(
  row: EventRow,
  body: Body | null,
  event: MachineEvent | null,
  commandId: number | null,
): LeafDifference[] {
  const said = body ?? event;
  const columns: readonly (readonly [name: string, recorded: Json, replayed: Json | undefined])[] = [
    ["type", row.type, said?.type],
    ["epoch", row.epoch, event?.epoch],
    ["commandId", row.command_id, commandId ?? undefined],
    ["domid", row.domid, said?.domid],
    ["agent", row.agent, said?.agentId],
  ];
  return columns.flatMap(([name, recorded, replayed]) =>
    replayed === undefined || recorded === replayed ? [] : [{ path: `columns.${name}`, recorded, replayed }],
  );
}

/** An event as divergences show it: what is decoded from the bytes is left out. */
export function whole(event: MachineEvent): { readonly [field: string]: Json } {
  const data = withoutDecoded(dataJson(event));
  return { type: event.type, domid: event.domid, agentId: event.agentId, data };
}

function withoutDecoded(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDecoded);
  if (value === null || typeof value !== "object") return value;
  const parts = Object.entries(value as { readonly [key: string]: Json | undefined });
  return Object.fromEntries(
    parts.flatMap(([key, part]) =>
      key === "decoded" || part === undefined ? [] : [[key, withoutDecoded(part)]],
    ),
  );
}
