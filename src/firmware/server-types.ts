import type { SmcMessage } from "#events/types.ts";
import type { CommandRow, CommandRows, Protocol, RequestOf, ResponseOf } from "#scmi/protocol.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import type { Draft } from "./draft.ts";
import type { Outbox } from "./p2a/outbox.ts";
import type { BoardIndex } from "./resources/board-index.ts";

/** What a handler knows beside the request. */
export interface Context {
  readonly board: BoardIndex;
  /** The agent whose channel the message came from. */
  readonly caller: number;
  /** The state; writes become the message's effects, whatever the answer is. */
  readonly draft: Draft;
  /** The protocol as this board's firmware speaks it. */
  readonly spoken: Spoken;
  /** What the firmware sends by itself because of the message. */
  readonly outbox: Outbox;
  /** The message as it came. */
  readonly message: SmcMessage;
  /** Whether it was taken before, asynchronously, and is to be done now. */
  readonly isCompletion: boolean;
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
 * What a command comes to: a status, a status word that has no name, null where nothing is answered at all, or the fields of an
 * answer. Those follow SUCCESS, unless they have a `status` word of their own: some firmware fills its answers whatever happened.
 */
type Result<Fields> = ScmiStatus | number | null | (Fields & { readonly status?: number });

/**
 * Carries out one command. Size and message id are checked before; a request in an older form lacks the fields that came later.
 */
export type Handler<Row extends CommandRow> = (
  context: Context,
  request: RequestOf<Row>,
) => Result<ResponseOf<Row>>;

/** A handler whose row is not known to the types. */
export type AnyHandler = (context: Context, request: never) => Result<Readonly<Record<string, unknown>>>;

/** Handlers of a protocol by the names of its commands. */
export type Handlers<Rows extends CommandRows> = { readonly [Name in keyof Rows]?: Handler<Rows[Name]> };

/** Handlers by the names of commands. */
export type AnyHandlers = { readonly [name: string]: AnyHandler | undefined };

/**
 * The fields of a command's delayed response that follow the status: from what its handler came to when the command was done at
 * last. Null: the agent wants none.
 */
export type Delayed<Row extends CommandRow> = (
  context: Context,
  request: RequestOf<Row>,
  result: Result<ResponseOf<Row>>,
) => Readonly<Record<string, unknown>> | null;

/** The same of a command whose row is not known to the types. */
export type AnyDelayed = (
  context: Context,
  request: never,
  result: never,
) => Readonly<Record<string, unknown>> | null;

/** A protocol and what carries out its commands. */
export interface ProtocolServer {
  readonly protocol: Protocol;
  readonly handlers: AnyHandlers;
  /** Delayed responses of the commands that can be asynchronous, by the names of the commands. */
  readonly delayed: { readonly [name: string]: AnyDelayed | undefined };
}

/** Ties handlers to the rows of a command table. */
export function serve<Rows extends CommandRows>(
  protocol: Protocol<Rows>,
  handlers: Handlers<Rows>,
  delayed: { readonly [Name in keyof Rows]?: Delayed<Rows[Name]> } = {},
): ProtocolServer {
  return { protocol: protocol as unknown as Protocol, handlers, delayed };
}
