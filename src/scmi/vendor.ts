import { assert } from "#base/assert.ts";
import type { Scalar } from "#base/cells.ts";
import {
  type CommandRow,
  type CommandRows,
  type Protocol,
  protocol,
  type RequestOf,
  type ResponseOf,
} from "./protocol.ts";
import type { ScmiStatus } from "./status.ts";

/** Protocol ids from here on are vendors' own. */
export const VENDOR_ID_MIN = 0x80;

/** What the command of a vendor protocol works with. */
export interface VendorCall {
  /** The agent whose channel the message came from. */
  readonly caller: number;
  /** A value that the protocol keeps; undefined: none. All are gone at power-on. */
  read(cell: string): Scalar | undefined;
  /** Keeps a value, as part of the event; undefined takes it away. */
  write(cell: string, value: Scalar | undefined): void;
  /** Whether the caller has the permission for a device of the board. */
  mayUse(deviceId: number): boolean;
}

/** Carries out one command: from the request's fields to a status, or to the fields that follow SUCCESS. */
type VendorHandler<Row extends CommandRow> = (
  call: VendorCall,
  request: RequestOf<Row>,
) => ScmiStatus | ResponseOf<Row>;

/** The same of a command whose row is not known to the types. */
export type AnyVendorHandler = (
  call: VendorCall,
  request: never,
) => ScmiStatus | Readonly<Record<string, unknown>>;

/** A vendor's table, with what its firmware answers. */
export interface VendorProtocol extends Protocol {
  readonly handlers: { readonly [message: string]: AnyVendorHandler | undefined };
}

/**
 * Declares a vendor's own protocol, its messages and what they do, in one place.
 *
 * @param definition as for a standard protocol, with an id from 0x80 to 0xff. The commands that all protocols have alike (`COMMON`)
 *   need no handler
 */
export function vendorProtocol<const Rows extends CommandRows>(
  definition: Omit<Protocol, "commands" | "sent"> & { readonly commands: Rows },
  handlers: { readonly [Name in keyof Rows]?: VendorHandler<Rows[Name]> },
): VendorProtocol {
  const { name, protocolId } = definition;
  assert(protocolId >= VENDOR_ID_MIN && protocolId <= 0xff, `${name} has no vendor's id, 0x80 to 0xff`);
  return { ...(protocol(definition) as unknown as Protocol), handlers };
}
