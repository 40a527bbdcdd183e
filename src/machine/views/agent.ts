import type { Json } from "#base/canonical-json.ts";
import { fromHex, hexWord, toHex } from "#base/hex.ts";
import type { Board } from "#config/board/board.ts";
import { messageIn, waitingIn } from "#firmware/p2a/outbox.ts";
import { decodeMessage, decodeSent } from "#scmi/codec.ts";
import type { MachineState } from "../state/state.ts";

/** A resource, with its name where the board gives it one. */
export interface ResourceView {
  readonly id: number;
  readonly name: string | null;
}

/** What the firmware keeps for an agent. */
export interface AgentHoldings {
  /** Its platform-to-agent page, or null: it has none. */
  readonly p2a: {
    readonly page: string;
    /** What lies in it, or null: it is FREE. */
    readonly message: Json;
    /** What waits for it to be FREE, the oldest first. */
    readonly waiting: readonly Json[];
  } | null;
  /** Notifications that it asked for. */
  readonly subscriptions: readonly {
    readonly protocol: string;
    /** The command by which it asked. */
    readonly command: string;
    readonly resource: ResourceView | null;
  }[];
  /** Asynchronous commands that are not done, the oldest first. */
  readonly pending: readonly {
    readonly protocol: string;
    readonly message: string;
    readonly token: number;
    readonly request: Json;
    readonly sinceSeq: number;
  }[];
  /** What it holds, by the board file's name of the kind: only what the profile counts for each agent. */
  readonly holds: { readonly [kind: string]: readonly ResourceView[] };
}

const NOTHING: AgentHoldings = { p2a: null, subscriptions: [], pending: [], holds: {} };

/** What the firmware keeps for an agent now. */
export function agentHoldings(state: MachineState, agentId: number): AgentHoldings {
  const board = state.configuration()?.board;
  if (board === undefined) return NOTHING;
  return {
    p2a: channelOf(state, board, agentId),
    subscriptions: subscriptionsOf(state, board, agentId),
    pending: pendingOf(state, agentId),
    holds: holdsOf(state, board, agentId),
  };
}

function channelOf({ firmware, memory }: MachineState, board: Board, agentId: number): AgentHoldings["p2a"] {
  const page = board.firmware.agents.find(({ id }) => id === agentId)?.p2a ?? null;
  if (page === null) return null;
  const message = messageIn(memory, page);
  const waiting = waitingIn(firmware.p2a.get(agentId)?.queue);
  return { page: hexWord(page), message: message && sentView(message), waiting: waiting.map(sentView) };
}

function sentView({ header, payload }: { readonly header: number; readonly payload: Uint8Array }): Json {
  return { header: hexWord(header), payload: toHex(payload), decoded: decodeSent(header, payload) };
}

function subscriptionsOf({ firmware }: MachineState, board: Board, agentId: number) {
  const cells = firmware.subscription.get(agentId) ?? {};
  return Object.keys(cells)
    .filter((column) => cells[column] === true)
    .map((column) => {
      const [protocol = "", command = "", id] = column.split(".");
      return {
        protocol,
        command,
        resource: id === undefined ? null : resource(board, KINDS[protocol], Number(id)),
      };
    })
    .sort((a, b) => compare(a.command, b.command) || (a.resource?.id ?? 0) - (b.resource?.id ?? 0));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pendingOf({ firmware }: MachineState, agentId: number): AgentHoldings["pending"] {
  return firmware.pending.ids().flatMap((row) => {
    const { agentId: whose, header, payload, sinceSeq } = firmware.pending.at(row);
    if (whose !== agentId) return [];
    const bytes = fromHex(payload) ?? new Uint8Array(0);
    const { protocol, message, token, ...request } = decodeMessage(header, bytes, "a2p");
    return [{ protocol, message, token, request, sinceSeq }];
  });
}

/** The lists of the board file by the names of protocols. */
const KINDS: { readonly [protocol: string]: keyof Board["firmware"] | undefined } = {
  power: "powerDomains",
  clock: "clocks",
  reset: "resets",
  performance: "performanceDomains",
  sensor: "sensors",
  voltage: "voltageDomains",
  powercap: "powerCaps",
};

function resource(board: Board, kind: keyof Board["firmware"] | undefined, id: number): ResourceView {
  const listed = kind === undefined ? [] : (board.firmware[kind] as readonly { id: number; name: string }[]);
  return { id, name: listed.find((item) => item.id === id)?.name ?? null };
}

function holdsOf({ firmware }: MachineState, board: Board, agentId: number): AgentHoldings["holds"] {
  const held: { readonly [Kind in keyof Board["firmware"]]?: readonly number[] } = {
    powerDomains: firmware.powerVote
      .ids()
      .filter((id) => Number(firmware.powerVote.at(id)[agentId] ?? 0) > 0),
    clocks: firmware.clockVote.ids().filter((id) => firmware.clockVote.at(id)[agentId] === true),
    resets: firmware.reset.ids().filter((id) => firmware.reset.at(id).assertedBy === agentId),
    voltageDomains: firmware.voltageVote.ids().filter((id) => firmware.voltageVote.at(id)[agentId] === true),
    sensors: firmware.sensorVote.ids().filter((id) => firmware.sensorVote.at(id)[agentId] === true),
    pins: firmware.pin.ids().filter((id) => firmware.pin.at(id).owner === agentId),
  };
  return Object.fromEntries(
    Object.entries(held).flatMap(([kind, ids]) =>
      ids.length === 0 ? [] : [[kind, ids.map((id) => resource(board, kind as keyof Board["firmware"], id))]],
    ),
  );
}
