import type { MachineEvent } from "#events/types.ts";
import { unpackHeader } from "#scmi/header.ts";
import { answeredStatus, wordAt } from "./answer.ts";
import { resourceMessage } from "./resource-messages.ts";
import type { Resources } from "./resources.ts";

const SUCCESS = 0;
const DENIED = -3;
const BASE = 0x10;
const BASE_SET_DEVICE_PERMISSIONS = 0x9;

/** How often an agent used a device, or was denied it, and the seqs of the first and last time. */
export interface Use {
  readonly agentId: number;
  readonly deviceId: number;
  uses: number;
  firstUse: number | null;
  lastUse: number | null;
  denials: number;
  firstDenial: number | null;
  lastDenial: number | null;
}

/** A message that the firmware answered DENIED. */
export interface Denial {
  readonly agentId: number;
  readonly protocol: number;
  readonly message: number;
  readonly resource: number | null;
  /** A device that lists the resource, or that the message names. */
  readonly deviceId: number | null;
}

/** What a message came to for the permissions of its agent: the devices that it was about, and whether it was denied. */
interface Reading {
  readonly agentId: number;
  readonly devices: readonly number[];
  readonly denial: Denial | null;
}

/**
 * Counts uses and denials: a message that does something with a resource is a use of every device that lists it, where it
 * succeeded; any message about it is a denial, where it was denied.
 */
export class UseCount {
  readonly #resources: Resources;
  readonly #uses = new Map<string, Use>();

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  /** Counts an event. Returns the denial that it is, or null. */
  count(event: MachineEvent): Denial | null {
    if (event.type !== "smc.forwarded") return null;
    const reading = this.#read(event);
    if (reading === null) return null;
    const { agentId, devices, denial } = reading;
    for (const deviceId of devices) add(this.#of(agentId, deviceId), event.seq, denial !== null);
    return denial;
  }

  /** Every pair of agent and device that something was counted for, by both. */
  all(): Use[] {
    return [...this.#uses.values()].sort((a, b) => a.agentId - b.agentId || a.deviceId - b.deviceId);
  }

  clear(): void {
    this.#uses.clear();
  }

  #read({ seq, agentId, data }: Extract<MachineEvent, { type: "smc.forwarded" }>): Reading | null {
    const { request, caller } = data;
    const who = agentId ?? caller;
    const status = answeredStatus(data);
    if (request === null || who === null || (status !== SUCCESS && status !== DENIED)) return null;
    const { protocolId, messageId } = unpackHeader(request.header);
    const about = resourceMessage(protocolId, messageId);
    if (status === SUCCESS && about?.isUse !== true) return null;
    const resource = about === undefined ? null : unsigned(wordAt(request.payload, about.offset));
    const devices = resource === null ? NONE : this.#resources.devicesOf(seq, protocolId, resource);
    if (status === SUCCESS) return { agentId: who, devices, denial: null };
    const deviceId = devices[0] ?? deviceNamed(protocolId, messageId, request.payload);
    const denial = { agentId: who, protocol: protocolId, message: messageId, resource, deviceId };
    return { agentId: who, devices, denial };
  }

  #of(agentId: number, deviceId: number): Use {
    const key = `${agentId}.${deviceId}`;
    const known = this.#uses.get(key);
    if (known !== undefined) return known;
    const made = { agentId, deviceId, ...UNUSED };
    this.#uses.set(key, made);
    return made;
  }
}

const NONE: readonly number[] = [];

/** What is counted for a pair of which nothing is known. */
export const UNUSED = {
  uses: 0,
  firstUse: null,
  lastUse: null,
  denials: 0,
  firstDenial: null,
  lastDenial: null,
} as const;

function add(use: Use, seq: number, isDenial: boolean): void {
  if (isDenial) {
    use.denials += 1;
    use.firstDenial ??= seq;
    use.lastDenial = seq;
  } else {
    use.uses += 1;
    use.firstUse ??= seq;
    use.lastUse = seq;
  }
}

/** A message of the base protocol names the device that it is about. */
function deviceNamed(protocolId: number, messageId: number, payload: Uint8Array): number | null {
  const isNaming = protocolId === BASE && messageId === BASE_SET_DEVICE_PERMISSIONS;
  return isNaming ? unsigned(wordAt(payload, 4)) : null;
}

function unsigned(word: number | undefined): number | null {
  return word === undefined ? null : word >>> 0;
}
