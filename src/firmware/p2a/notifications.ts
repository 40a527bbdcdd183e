import type { Values } from "#scmi/fields.ts";
import { encodeFields, layoutFor } from "#scmi/layout.ts";
import type { Command, SentMessage } from "#scmi/protocol.ts";
import { PERFORMANCE } from "#scmi/protocols/performance.ts";
import { mayChange } from "../access/permissions.ts";
import type { Draft } from "../draft.ts";
import { spokenBy } from "../profiles/spoken.ts";
import type { BoardIndex, ResourceKind } from "../resources/board-index.ts";
import type { Outbox } from "./outbox.ts";
import { subscribers } from "./subscriptions.ts";

/** What notifying works with. */
export interface Notifier {
  readonly board: BoardIndex;
  readonly draft: Draft;
  readonly outbox: Outbox;
}

/** The fields that a table names, without those of any name that its type allows. */
type Named<Fields> = { [Name in keyof Fields as string extends Name ? never : Name]: Fields[Name] };
/** The values of a notification. */
export type FieldsOf<Row extends SentMessage> =
  Named<Row["p2a"]> extends infer Known extends Row["p2a"] ? Values<Known> : never;

/**
 * Notifies every agent that asked for it, in the order of their ids. One that may not change the resource any more is not told:
 * what it asked for before its permission was taken back counts for nothing.
 *
 * @param asked the `*_NOTIFY` command by which agents ask for it
 * @param id the resource, where that command names one
 */
export function raise<Row extends SentMessage>(
  { board, draft, outbox }: Notifier,
  asked: Command,
  row: Row,
  id: number | undefined,
  fields: FieldsOf<Row>,
): void {
  const spoken = spokenBy(board, { name: row.protocolName, protocolId: row.protocolId, version: 0 });
  if (spoken === undefined || !board.hasP2a || !board.switches.notifications) return;
  const told = subscribers(draft, asked, id).filter((agentId) => mayKnow(board, draft, agentId, row, id));
  if (told.length === 0) return;
  const layout = layoutFor(row.layouts, spoken.layout ?? spoken.version);
  const payload = encodeFields(layout, fields as Record<string, unknown>);
  for (const agentId of told) outbox.notify(agentId, row, payload);
}

function mayKnow(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  { protocolName }: SentMessage,
  id: number | undefined,
): boolean {
  // Levels and limits are for everybody to read, and so to be told of.
  if (protocolName === PERFORMANCE.name) return true;
  if (id === undefined || !Object.hasOwn(board.guards, protocolName)) return true;
  return mayChange(board, draft, agentId, protocolName as ResourceKind, id);
}
