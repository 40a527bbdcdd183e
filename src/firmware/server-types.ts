import type { CommandRow, CommandRows, Protocol, RequestOf, ResponseOf } from "#scmi/protocol.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import type { BoardIndex } from "./board-index.ts";
import type { Draft } from "./draft.ts";

/** What a handler knows beside the request. */
export interface Context {
  readonly board: BoardIndex;
  /** The agent whose channel the message came from. */
  readonly caller: number;
  /** The state; writes become the message's effects, whatever the answer is. */
  readonly draft: Draft;
  /** The protocol as this board's firmware speaks it. */
  readonly spoken: Spoken;
}

/** A protocol as one board's firmware speaks it. */
export interface Spoken {
  /** The board file's name of the protocol, or `base`. */
  readonly name: string;
  readonly version: number;
  /** The version whose message layouts it uses. */
  readonly layout: number;
  /** Whether a message is implemented. */
  has(messageId: number): boolean;
}

/**
 * Carries out one command: from the request's fields to a status, or to the fields of a successful answer that follow the status.
 * Size and message id are checked before; a request in an older form lacks the fields that came later.
 */
export type Handler<Row extends CommandRow> = (
  context: Context,
  request: RequestOf<Row>,
) => ScmiStatus | ResponseOf<Row>;

/** A handler whose row is not known to the types. */
export type AnyHandler = (context: Context, request: never) => ScmiStatus | Readonly<Record<string, unknown>>;

/** A protocol and what carries out its commands. */
export interface ProtocolServer {
  readonly protocol: Protocol;
  readonly handlers: { readonly [name: string]: AnyHandler | undefined };
}

/** Ties handlers to the rows of a command table. */
export function serve<Rows extends CommandRows>(
  protocol: Protocol<Rows>,
  handlers: { readonly [Name in keyof Rows]?: Handler<Rows[Name]> },
): ProtocolServer {
  return { protocol: protocol as unknown as Protocol, handlers };
}
