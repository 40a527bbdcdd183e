import type { Fields, Values } from "./fields.ts";
import { type Layout, layoutsOf } from "./layout.ts";

/**
 * How a command that answers in pieces is walked: ask from index 0, add what was returned, until nothing remains. `returned`
 * and `remaining` name a field of the answer, or a part of one (`numRatesFlags.returned`); without `remaining` the walk ends at
 * an answer of none. `index` too can be a part of a field (`attributes.skip`).
 */
export interface Iteration {
  readonly index: string;
  readonly returned: string;
  readonly remaining?: string;
  readonly list: string;
}

/** One row of a command table. Every answer starts with `status`; an error's answer usually ends there. */
export interface CommandRow {
  readonly id: number;
  /** SCMI version that introduced it. */
  readonly since: string;
  /** Protocol version word from which the protocol has it; left out, the model has it in every version. */
  readonly from?: number;
  readonly doc: string;
  /** Agent to platform: the request's fields, newest form. */
  readonly a2p: Fields;
  /** Platform to agent: the answer's fields, newest form, `status` first. */
  readonly p2a: Fields;
  readonly iteration?: Iteration;
}

/** A command with its name, its protocol and its layouts. */
export interface Command extends CommandRow {
  /** SCMI's name, e.g. `CLOCK_RATE_SET`. */
  readonly name: string;
  /** The board file's name of the protocol, e.g. `clock`. */
  readonly protocolName: string;
  readonly protocolId: number;
  /** Layouts of the request by protocol version, newest first. */
  readonly requestLayouts: readonly Layout[];
  /** Layouts of the answer by protocol version, newest first. */
  readonly responseLayouts: readonly Layout[];
}

export type CommandRows = Readonly<Record<string, CommandRow>>;

/**
 * One row of what the platform sends by itself: the delayed response to an asynchronous command, under the command's id and with
 * `status` first; or a notification, under an id of its own and without a status.
 */
export interface SentRow {
  readonly kind: "delayed" | "notification";
  readonly id: number;
  /** SCMI version that introduced it. */
  readonly since: string;
  readonly doc: string;
  /** Platform to agent: its fields, newest form. */
  readonly p2a: Fields;
}

/** What the platform sends by itself, with its name, its protocol and its layouts. */
export interface SentMessage extends SentRow {
  /** SCMI's name, e.g. `CLOCK_RATE_CHANGED`. */
  readonly name: string;
  readonly protocolName: string;
  readonly protocolId: number;
  /** Layouts by protocol version, newest first. */
  readonly layouts: readonly Layout[];
}

export type SentRows = Readonly<Record<string, SentRow>>;

/** A protocol's table: every message of its newest version. */
export interface Protocol<Rows extends CommandRows = CommandRows, Sent extends SentRows = SentRows> {
  /** The board file's name, e.g. `clock`. */
  readonly name: string;
  readonly protocolId: number;
  /** Newest version word: major [31:16], minor [15:0]. */
  readonly version: number;
  readonly doc: string;
  readonly commands: { readonly [Name in keyof Rows]: Rows[Name] & Command };
  /** Delayed responses and notifications. */
  readonly sent: { readonly [Name in keyof Sent]: Sent[Name] & SentMessage };
}

/** The values of a command's request. */
export type RequestOf<Row extends CommandRow> = Values<Row["a2p"]>;

/** The values of a command's successful answer, without the status. */
export type ResponseOf<Row extends CommandRow> = Omit<Values<Row["p2a"]>, "status">;

interface ProtocolDefinition<Rows extends CommandRows, Sent extends SentRows>
  extends Omit<Protocol, "commands" | "sent"> {
  readonly commands: Rows;
  readonly sent?: Sent;
}

/** Declares a protocol: each message once, and everything else follows from its row. */
export function protocol<
  const Rows extends CommandRows,
  const Sent extends SentRows = Record<never, SentRow>,
>(definition: ProtocolDefinition<Rows, Sent>): Protocol<Rows, Sent> {
  const { name: protocolName, protocolId } = definition;
  const commands = Object.entries(definition.commands).map(([name, row]): [string, Command] => [
    name,
    {
      ...row,
      name,
      protocolName,
      protocolId,
      requestLayouts: layoutsOf(row.a2p),
      responseLayouts: layoutsOf(row.p2a),
    },
  ]);
  const sent = Object.entries(definition.sent ?? {}).map(([name, row]): [string, SentMessage] => [
    name,
    { ...row, name, protocolName, protocolId, layouts: layoutsOf(row.p2a) },
  ]);
  return {
    ...definition,
    commands: Object.fromEntries(commands) as Protocol<Rows, Sent>["commands"],
    sent: Object.fromEntries(sent) as Protocol<Rows, Sent>["sent"],
  };
}
