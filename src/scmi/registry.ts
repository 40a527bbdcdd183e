import { type Problem, problem } from "#base/problem.ts";
import { MESSAGE_TYPE } from "./header.ts";
import type { Command, Protocol, SentMessage } from "./protocol.ts";
import { BASE } from "./protocols/base.ts";
import { CLOCK } from "./protocols/clock.ts";
import { PERFORMANCE } from "./protocols/performance.ts";
import { PIN_CONTROL } from "./protocols/pin-control.ts";
import { POWER_DOMAIN } from "./protocols/power-domain.ts";
import { POWERCAP } from "./protocols/powercap.ts";
import { RESET_DOMAIN } from "./protocols/reset-domain.ts";
import { SENSOR } from "./protocols/sensor.ts";
import { SYSTEM_POWER } from "./protocols/system-power.ts";
import { VOLTAGE_DOMAIN } from "./protocols/voltage-domain.ts";
import { VENDOR_PROTOCOLS } from "./vendor-protocols.ts";

/** Every protocol whose messages have a table, by id. A new protocol is one more line here. */
export const PROTOCOLS: readonly Protocol[] = [
  BASE,
  POWER_DOMAIN,
  SYSTEM_POWER,
  PERFORMANCE,
  CLOCK,
  SENSOR,
  RESET_DOMAIN,
  VOLTAGE_DOMAIN,
  POWERCAP,
  PIN_CONTROL,
  ...VENDOR_PROTOCOLS,
];

/** Ids of the standard protocols by the board file's names, those without a table here too. */
export const PROTOCOL_IDS = {
  base: 0x10,
  power: 0x11,
  system: 0x12,
  performance: 0x13,
  clock: 0x14,
  sensor: 0x15,
  reset: 0x16,
  voltage: 0x17,
  powercap: 0x18,
  pinctrl: 0x19,
} as const;

const BY_ID = new Map(PROTOCOLS.map((table) => [table.protocolId, table]));

const COMMANDS = new Map(
  PROTOCOLS.map((table) => [table.protocolId, new Map(commandsOf(table).map((row) => [row.id, row]))]),
);

/** A protocol's commands in the order of its table, which is that of their ids. */
export function commandsOf(table: Protocol): readonly Command[] {
  return Object.values(table.commands);
}

/** The table of a protocol id, if there is one. */
export function protocolById(protocolId: number): Protocol | undefined {
  return BY_ID.get(protocolId);
}

/** The row of a message, if its protocol has a table with one. */
export function commandById(protocolId: number, messageId: number): Command | undefined {
  return COMMANDS.get(protocolId)?.get(messageId);
}

const SENT = new Map(
  PROTOCOLS.flatMap((table) =>
    Object.values(table.sent).map((row): [number, SentMessage] => [
      sentKey(row.protocolId, typeOf(row), row.id),
      row,
    ]),
  ),
);

/**
 * The row of a message that the firmware sends by itself, if its protocol's table has one.
 *
 * @param messageType of its header: a delayed response goes by the id of its command, a notification has an id of its own
 */
export function sentById(protocolId: number, messageType: number, id: number): SentMessage | undefined {
  return SENT.get(sentKey(protocolId, messageType, id));
}

/** The message type of what the firmware sends by itself. */
function typeOf({ kind }: SentMessage): number {
  return kind === "delayed" ? MESSAGE_TYPE.DELAYED_RESPONSE : MESSAGE_TYPE.NOTIFICATION;
}

function sentKey(protocolId: number, messageType: number, id: number): number {
  return (protocolId << 10) | (messageType << 8) | id;
}

/**
 * Finds a command as a person names it.
 *
 * @param protocol its name (`clock`, either case) or id, as a number or as text (`20`, `"0x14"`)
 * @param message SCMI's name (`CLOCK_RATE_SET`, either case) or id
 * @returns the problem `scmi-unknown-message` where no table has it
 */
export function findCommand(protocol: string | number, message: string | number): Command | Problem {
  const table = tableOf(protocol);
  if (table === undefined) return unknownMessage(protocol, message, PROTOCOLS.map(describeProtocol));
  const commands = commandsOf(table);
  const found = commands.find((row) => isNamed(message, row.name, row.id));
  return found ?? unknownMessage(table.name, message, commands.map(describeCommand));
}

/**
 * Finds a protocol as a person names it.
 *
 * @param protocol as for {@link findCommand}
 * @returns the problem `scmi-unknown-message` where no table is of that name
 */
export function findProtocol(protocol: string | number): Protocol | Problem {
  return tableOf(protocol) ?? unknownMessage(protocol, "…", PROTOCOLS.map(describeProtocol));
}

function tableOf(protocol: string | number): Protocol | undefined {
  return PROTOCOLS.find((table) => isNamed(protocol, table.name, table.protocolId));
}

function isNamed(wanted: string | number, name: string, id: number): boolean {
  if (typeof wanted === "string" && wanted.toLowerCase() === name.toLowerCase()) return true;
  return byteOf(wanted) === id;
}

/** A protocol or message id: a number, or its digits, decimal or hex. */
function byteOf(wanted: string | number): number | undefined {
  const isNumber = typeof wanted === "number" || /^(0x[0-9a-f]+|\d+)$/i.test(wanted);
  const value = isNumber ? Number(wanted) : Number.NaN;
  return Number.isInteger(value) && value >= 0 && value <= 0xff ? value : undefined;
}

function unknownMessage(
  protocol: string | number,
  message: string | number,
  known: readonly string[],
): Problem {
  return problem("scmi-unknown-message", { protocol: String(protocol), message: String(message), known });
}

function describeProtocol({ name, protocolId }: Protocol): string {
  return `protocol ${name} (0x${protocolId.toString(16)})`;
}

function describeCommand({ name, id }: Command): string {
  return `${name} (0x${id.toString(16)})`;
}
