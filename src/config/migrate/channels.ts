import { hexWord } from "#base/hex.ts";
import type { SciBinding } from "../binding/read-binding.ts";
import { type Region, readRegion } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";

/** A channel as the tree has it. */
export interface OldChannel {
  /** `Xen's own channel`, or `row 0`. */
  readonly name: string;
  readonly funcId: number;
  readonly page: DtNode;
  /** Null: the row leaves it to the firmware, or it is Xen's own. */
  readonly agentId: number | null;
}

/** A binding with all that its channels refer to. */
export interface OldChannels {
  readonly management: OldChannel & { readonly node: DtNode };
  readonly rows: readonly OldChannel[];
}

/** The channels of a binding; or what keeps them from being told. */
export function oldChannels(tree: DeviceTree, binding: SciBinding): OldChannels | string {
  const { management: node, list } = binding;
  if (node === null)
    return `there is no SCMI node that Xen ${binding.generation} would take for its own channel`;
  const funcId = readU32(node, "arm,smc-id");
  if (funcId === null) return `${node.path} has no arm,smc-id`;
  const phandle = readU32(node, "shmem");
  const page = phandle === null ? undefined : tree.nodeByPhandle(phandle);
  if (page === undefined) return `shmem of ${node.path} refers to nothing`;
  if (list.state !== "whole") return `${list.property} of ${list.node.path} ${LIST_FAULTS[list.state]}`;
  const rows: OldChannel[] = [];
  for (const { index, funcId: rowFuncId, shmem, agentId } of list.rows) {
    if (shmem === null) return `row ${index} of ${list.property} refers to nothing`;
    const same = rows.findIndex((row) => agentId !== null && row.agentId === agentId);
    if (same !== -1) {
      return `agent ${agentId} is in row ${same} and in row ${index} of ${list.property}, which Xen refuses since v6`;
    }
    rows.push({ name: `row ${index}`, funcId: rowFuncId, page: shmem, agentId });
  }
  return { management: { name: "Xen's own channel", funcId, page, agentId: null, node }, rows };
}

const LIST_FAULTS = {
  absent: "is missing",
  "bad-cells": "has rows of neither 2 nor 3 cells",
  ragged: "is empty, or is cut off within a row",
} as const;

const PAGE_BYTES = 0x1000;

/** The memory of a channel's page; or why Xen would not take it. */
export function pageRegion({ name, page }: OldChannel): Region | string {
  const region = readRegion(page, 0);
  if (region === null) return `the address of ${page.path} (${name}) cannot be translated`;
  if (region.size === 0 || region.size % PAGE_BYTES !== 0 || region.address % PAGE_BYTES !== 0) {
    const where = `${hexWord(region.address)}, ${hexWord(region.size)} bytes`;
    return `${page.path} (${name}) is not made of whole pages of 4 KiB: ${where}`;
  }
  return region;
}
