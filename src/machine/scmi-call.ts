import { fromHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { resourceList, resourcesNamed } from "#config/board/resource-names.ts";
import { encodeRequest } from "#scmi/codec.ts";
import type { Field } from "#scmi/fields.ts";
import { packHeader } from "#scmi/header.ts";
import type { Command } from "#scmi/protocol.ts";
import { commandById, findCommand } from "#scmi/registry.ts";
import { PAYLOAD_BYTES_MAX } from "#scmi/shmem.ts";
import { isList, type ListCommand } from "#scmi/walk.ts";
import type { ScmiCall } from "./commands/commands.ts";

/** A call as it goes over the wire. */
export interface ScmiRequest {
  readonly header: number;
  readonly payload: Uint8Array;
  /** The command whose answers are to be walked to their end, or null: one transfer is asked for. */
  readonly walk: ListCommand | null;
}

/** Puts a call into bytes, by names and units or as they were given. */
export function encodeCall(call: ScmiCall, firmware: FirmwareConfig): ScmiRequest | Problem {
  return call.payload === undefined ? byParams(call, firmware) : byPayload(call, call.payload);
}

function byPayload(call: ScmiCall, hex: string): ScmiRequest | Problem {
  const payload = fromHex(hex);
  if (payload === null || payload.length > PAYLOAD_BYTES_MAX) {
    return invalid(`payload: hex of at most ${PAYLOAD_BYTES_MAX} bytes is allowed`);
  }
  const ids = numericIds(call) ?? findCommand(call.protocol, call.message);
  if (isProblem(ids)) return ids;
  const walk = call.all === true ? listCommand(commandById(ids.protocolId, ids.id)) : null;
  return isProblem(walk) ? walk : { header: packHeader(ids.protocolId, ids.id), payload, walk };
}

function byParams(call: ScmiCall, firmware: FirmwareConfig): ScmiRequest | Problem {
  const command = findCommand(call.protocol, call.message);
  if (isProblem(command)) return command;
  const walk = call.all === true ? listCommand(command) : null;
  if (isProblem(walk)) return walk;
  const params = withIds(command, fromStart(walk, call.params ?? {}), firmware);
  const payload = isProblem(params) ? params : encodeRequest(command, params);
  return isProblem(payload) ? payload : { header: packHeader(command.protocolId, command.id), payload, walk };
}

function numericIds({ protocol, message }: ScmiCall): { protocolId: number; id: number } | null {
  if (typeof protocol !== "number" || typeof message !== "number") return null;
  return { protocolId: protocol, id: message };
}

function listCommand(command: Command | undefined): ListCommand | Problem {
  if (command !== undefined && isList(command)) return command;
  return invalid(`all: ${command?.name ?? "the message"} answers in one piece; there is nothing to walk`);
}

function invalid(issue: string): Problem {
  return problem("scmi-invalid-params", { issues: [issue] });
}

type Params = Readonly<Record<string, unknown>>;

/** A walk begins at 0 where nothing else is said. */
function fromStart(walk: ListCommand | null, params: Params): Params {
  const index = walk?.iteration.index;
  return index === undefined || index.includes(".") ? params : { [index]: 0, ...params };
}

/** The parameters with the board's names of resources, agents and devices replaced by their ids. */
function withIds({ protocolName, a2p }: Command, params: Params, firmware: FirmwareConfig): Params | Problem {
  const ids: [string, number][] = [];
  const issues: string[] = [];
  for (const [field, given] of Object.entries(params)) {
    const isName = typeof given === "string" && !isNumber(given) && !isValueName(a2p[field], given);
    if (!isName || resourceList(protocolName, field) === undefined) continue;
    const found = resourcesNamed(firmware, protocolName, field, given);
    const [id] = found;
    if (id !== undefined && found.length === 1) ids.push([field, id]);
    else {
      const what =
        found.length === 0 ? "the board calls nothing so" : `that is the name of ${found.join(" and ")}`;
      issues.push(`${field} is ${JSON.stringify(given)}; ${what}, an id is allowed`);
    }
  }
  if (issues.length > 0) return problem("scmi-invalid-params", { issues });
  return ids.length === 0 ? params : { ...params, ...Object.fromEntries(ids) };
}

/** Whether a text names one of a field's own values: `CALLER`. */
function isValueName(field: Field | undefined, text: string): boolean {
  const values = field?.kind === "u32" ? (field.values ?? {}) : {};
  return Object.keys(values).some((name) => name.toLowerCase() === text.toLowerCase());
}

function isNumber(text: string): boolean {
  return /^(0x[0-9a-f]+|-?\d+)$/i.test(text);
}
