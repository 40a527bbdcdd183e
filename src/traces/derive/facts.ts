import type { Json } from "#base/canonical-json.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { observedJson } from "#events/observed-text.ts";

/** Ids of protocols have eight bits; a list that goes on is damaged. */
const PROTOCOLS_MAX = 256;
/** Ids of agents that a board can have. */
export const AGENT_ID_MAX = 254;

/** Fields of a decoded message. */
type Fields = { readonly [name: string]: Json | undefined };

/** A resource as the trace describes it: what was answered first, by the command that was answered. */
export interface SeenResource {
  readonly answers: Map<string, Fields>;
  /** Parts of lists that come in pieces, by command, in order. */
  readonly lists: Map<string, Json[]>;
  /** Commands that changed it, or tried to: what is read behind them is no state at power-on. */
  readonly changed: Set<string>;
  /** Agents that may not change it: their first try was DENIED, or it was described as restricted. */
  readonly deniedTo: Set<number | null>;
  isNotFound: boolean;
}

/** The list in an answer that comes in pieces, by command. */
const LISTS: Readonly<Record<string, string>> = {
  CLOCK_DESCRIBE_RATES: "rates",
  CLOCK_POSSIBLE_PARENTS_GET: "parents",
  PERFORMANCE_DESCRIBE_LEVELS: "levels",
  VOLTAGE_DESCRIBE_LEVELS: "levels",
};
/** The field by which a request names its resource. */
const IDS = ["clockId", "domainId", "sensorId"] as const;
const CHANGES = /_SET$|^RESET$|_CONFIG$/;

/** What a log tells of the firmware that answered. The first answer counts: later ones may follow what agents did. */
export class BoardFacts {
  /** Agents whose traces the log has; null: nobody said whose. */
  readonly agents = new Set<number | null>();
  /** Successful answers to commands that name no resource, by protocol and message: `base BASE_DISCOVER_VENDOR`. */
  readonly answers = new Map<string, Fields>();
  /** Names of agents, as BASE_DISCOVER_AGENT has them. */
  readonly agentNames = new Map<number, string>();
  /** Protocols in the order that they are listed. */
  readonly protocols: number[] = [];
  /** Protocols that answered anything but NOT_SUPPORTED. */
  readonly answering = new Set<string>();
  /** Optional messages of the base protocol, and whether they are there. */
  readonly baseMessages = new Map<number, boolean>();
  /** Descriptors of sensors, by id. */
  readonly sensors = new Map<number, Fields>();
  /** Resources by protocol and id. */
  readonly resources = new Map<string, Map<number, SeenResource>>();
  /** Agents that the firmware sent something by itself, and what. */
  readonly sent = new Map<number | null, Set<"delayed" | "notification">>();
  /** Answers that were read. */
  count = 0;

  take(agentId: number | null, observed: ScmiObserved): void {
    this.agents.add(agentId);
    const { kind } = observed;
    if (kind === "delayed" || kind === "notification") {
      this.sent.set(agentId, (this.sent.get(agentId) ?? new Set()).add(kind));
    }
    if (kind !== "exchange" || observed.outcome !== "answered" || observed.request === null) return;
    const decoded = fieldsOf(fieldsOf(observedJson(observed))["decoded"]);
    this.count += 1;
    const { protocol, message } = decoded;
    this.#answer(
      agentId,
      String(protocol),
      String(message),
      fieldsOf(decoded["request"]),
      fieldsOf(decoded["response"]),
    );
  }

  /** A part of an answer's word: `field("clock", "PROTOCOL_ATTRIBUTES", "attributes", "clocks")`. */
  part(protocol: string, message: string, field: string, part: string): number | null {
    return numberOf(meaning(this.answers.get(`${protocol} ${message}`), field)[part]);
  }

  /** The resources of a protocol, by id. */
  of(protocol: string): ReadonlyMap<number, SeenResource> {
    return this.resources.get(protocol) ?? new Map();
  }

  #answer(
    agentId: number | null,
    protocol: string,
    message: string,
    request: Fields,
    response: Fields,
  ): void {
    const { status } = response;
    if (status !== "NOT_SUPPORTED") this.answering.add(protocol);
    if (protocol === "base") this.#base(message, request, response);
    const id = IDS.map((name) => numberOf(request[name])).find((each) => each !== null) ?? null;
    if (id !== null) this.#resource(agentId, protocol, id, message, response, request);
    else if (status === "SUCCESS") {
      if (message === "SENSOR_DESCRIPTION_GET") this.#sensors(response["descriptors"]);
      const key = `${protocol} ${message}`;
      if (!this.answers.has(key)) this.answers.set(key, response);
    }
  }

  #base(message: string, request: Fields, response: Fields): void {
    const isSuccess = response["status"] === "SUCCESS";
    if (message === "BASE_DISCOVER_LIST_PROTOCOLS" && isSuccess) {
      const skip = numberOf(request["skip"]) ?? 0;
      for (const [i, protocol] of listOf(response["protocols"]).entries()) {
        const id = numberOf(protocol);
        if (id !== null && skip + i < PROTOCOLS_MAX) this.protocols[skip + i] ??= id;
      }
    } else if (message === "BASE_DISCOVER_AGENT" && isSuccess) {
      const id = numberOf(response["agentId"]);
      if (id !== null && id <= AGENT_ID_MAX && !this.agentNames.has(id))
        this.agentNames.set(id, String(response["name"]));
    } else if (message === "PROTOCOL_MESSAGE_ATTRIBUTES") {
      const id = numberOf(request["messageId"]);
      if (id !== null) this.baseMessages.set(id, isSuccess);
    }
    const ids = OPTIONAL_BASE[message];
    if (ids !== undefined && !this.baseMessages.has(ids)) {
      this.baseMessages.set(ids, response["status"] !== "NOT_SUPPORTED");
    }
  }

  #resource(
    agentId: number | null,
    protocol: string,
    id: number,
    message: string,
    response: Fields,
    request: Fields,
  ): void {
    const { status } = response;
    const own = this.resources.get(protocol) ?? new Map<number, SeenResource>();
    this.resources.set(protocol, own);
    const seen = own.get(id) ?? {
      answers: new Map(),
      lists: new Map(),
      changed: new Set(),
      deniedTo: new Set(),
      isNotFound: false,
    };
    own.set(id, seen);
    if (CHANGES.test(message)) {
      if (status === "DENIED" && !seen.changed.has(`${agentId} ${message}`)) seen.deniedTo.add(agentId);
      seen.changed.add(message).add(`${agentId} ${message}`);
      return;
    }
    if (status === "NOT_FOUND" && seen.answers.size === 0) seen.isNotFound = true;
    if (status !== "SUCCESS") return;
    seen.isNotFound = false;
    if (isRestricted(message, response)) seen.deniedTo.add(agentId);
    const list = LISTS[message];
    if (list !== undefined) addPiece(seen, message, list, request, response);
    // What was read when something had changed it says nothing of the start.
    const isState = /_GET$/.test(message) && !/NAME_GET$|PARENTS_GET$/.test(message);
    if (!seen.answers.has(message) && !(isState && isChangedBefore(seen, message)))
      seen.answers.set(message, response);
  }

  #sensors(descriptors: Json | undefined): void {
    for (const descriptor of listOf(descriptors)) {
      const fields = fieldsOf(descriptor);
      const id = numberOf(fields["sensorId"]);
      if (id !== null && !this.sensors.has(id)) this.sensors.set(id, fields);
    }
  }
}

const OPTIONAL_BASE: Readonly<Record<string, number>> = {
  BASE_DISCOVER_AGENT: 0x7,
  BASE_SET_DEVICE_PERMISSIONS: 0x9,
  BASE_SET_PROTOCOL_PERMISSIONS: 0xa,
  BASE_RESET_AGENT_CONFIGURATION: 0xb,
};

/** Whether a description says that the asking agent may not change what it is of. */
function isRestricted(message: string, response: Fields): boolean {
  const attributes = meaning(response, "attributes");
  if (message === "CLOCK_ATTRIBUTES") return attributes["restricted"] === true;
  if (message !== "PERFORMANCE_DOMAIN_ATTRIBUTES") return false;
  return attributes["canSetLevel"] === false && attributes["canSetLimits"] === false;
}

/** Whether the state that a message reads was changed before: CLOCK_RATE_GET by CLOCK_RATE_SET. */
function isChangedBefore({ changed }: SeenResource, message: string): boolean {
  return changed.has(message.replace(/_GET$/, "_SET"));
}

/** Adds a piece of a list, where it follows what is there. */
function addPiece(
  seen: SeenResource,
  message: string,
  list: string,
  request: Fields,
  response: Fields,
): void {
  const items = seen.lists.get(message) ?? [];
  const at = numberOf(request["rateIndex"] ?? request["levelIndex"] ?? request["skipParents"]) ?? 0;
  if (at === items.length) items.push(...listOf(response[list]));
  seen.lists.set(message, items);
}

/** The parts of a word in an answer; empty where it has none. */
export function meaning(fields: Fields | undefined, field: string): Fields {
  return fieldsOf(fieldsOf(fields?.["meaning"])[field]);
}

export function fieldsOf(value: Json | undefined): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A number as decoded messages have it: 64-bit ones are hex strings. */
export function numberOf(value: Json | undefined): number | null {
  const number = typeof value === "string" && /^-?(0x[0-9a-f]+|\d+)$/i.test(value) ? parsed(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

function parsed(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}
