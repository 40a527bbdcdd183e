import { hexWord } from "#base/hex.ts";
import { allowedPairs } from "#firmware/access/permissions.ts";
import { DOMID_XEN } from "#mediator/state.ts";
import type { MachineState } from "./state.ts";

/** A row of Xen's channel list as answers show it. */
export interface ChannelRow {
  readonly agentId: number;
  /** Hex strings. */
  readonly funcId: string;
  readonly shmem: string;
  readonly owner: number | "xen" | null;
}

/** Xen's channel list, in its order: management first. */
export function channelTable({ mediator: { channel } }: MachineState): ChannelRow[] {
  return channel.ids().map((index) => {
    const { agentId, funcId, shmem, owner } = channel.at(index);
    return {
      agentId,
      funcId: hexWord(funcId),
      shmem: hexWord(shmem),
      owner: owner === DOMID_XEN ? "xen" : owner,
    };
  });
}

/** What the firmware allows now: pairs of agent and device, sorted. */
export function permissionPairs(state: MachineState): [agentId: number, deviceId: number][] {
  const board = state.configuration()?.board;
  return board === undefined ? [] : allowedPairs(board.firmware, state.firmware);
}
