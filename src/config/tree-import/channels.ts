import { HOST_SCMI_PATH } from "../binding/forms.ts";
import { readBinding, type SciBinding } from "../binding/read-binding.ts";
import { readRegion } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isAvailable, isCompatible, readCells, readU32 } from "../device-tree/property.ts";
import { NoteGroups } from "../draft/notes.ts";
import { xenBootargs } from "../xen/bootargs.ts";

const PAGE_BYTES = 0x1000;
const AGENT_ID_MAX = 254;
/** Physical addresses of Arm have at most 52 bits. */
const PAGES_END = 2 ** 52;

/** A channel that a tree names: a function id with a page. */
export interface TreeChannel {
  /** Who has it: Xen itself, a row of the agent list, or `/firmware/scmi` and no row. */
  readonly role: "xen" | "listed" | "host";
  readonly funcId: number;
  readonly shmem: number;
  /** Page of the way back, or null. */
  readonly p2a: number | null;
  /** Null: the tree leaves it to the firmware. */
  readonly agentId: number | null;
  /** Node, or node and row, for messages. */
  readonly where: string;
}

/** The channels of a tree and how it tells them. */
export interface TreeChannels {
  readonly binding: SciBinding | null;
  /** Each function id and each page once; Xen's own first, then the rows in order. */
  readonly channels: readonly TreeChannel[];
  readonly notes: NoteGroups;
}

/** The nodes that can ring a doorbell by SMC, in tree order. */
export function scmiNodes(tree: DeviceTree): DtNode[] {
  return tree.nodes.filter((node) => isCompatible(node, "arm,scmi-smc"));
}

/** Every channel of a tree, of whatever generation its binding is. */
export function readChannels(tree: DeviceTree, cmdline: string): TreeChannels {
  const binding = readBinding(tree, cmdline);
  const collected = new Collected();
  if (binding !== null) collectBinding(tree, binding, collected);
  const host = tree.nodeByPath(HOST_SCMI_PATH);
  const others = binding === null ? scmiNodes(tree) : host === undefined ? [] : [host];
  for (const node of others) {
    if (!isCompatible(node, "arm,scmi-smc")) continue;
    if (isAvailable(node)) collected.add("host", nodeChannel(tree, node), null, node.path);
    else collected.notes.say(node.path, "is not available, and left out");
  }
  return { binding, channels: collected.channels, notes: collected.notes };
}

function collectBinding(tree: DeviceTree, binding: SciBinding, collected: Collected): void {
  const { management, list, form, candidates } = binding;
  if (management === null) {
    collected.notes.say(
      binding.container.path,
      "there is no arm,scmi-smc node that Xen would take for its own channel",
    );
  } else {
    const agentId = form === "bsp" ? 0 : null;
    collected.add("xen", nodeChannel(tree, management), agentId, management.path);
  }
  for (const node of candidates.slice(1)) {
    collected.notes.say(
      node.path,
      `Xen probes this node too, behind ${management?.path ?? ""}: it is left out`,
    );
  }
  if (list.state !== "whole") {
    const message = `${list.property} is ${list.state}: Xen refuses it, and what it has of whole rows is taken`;
    collected.notes.say(list.node.path, message);
  }
  const hostFuncId = hostFunction(tree);
  for (const { index, funcId, phandle, shmem, agentId } of list.rows) {
    const where = `${list.node.path} ${list.property} row ${index}`;
    // dom0 takes the host's node as it is: so the row with its function id is dom0's, whom the container may name.
    const isDom0 = agentId === null && funcId === hostFuncId && form !== "rfc";
    const known = agentId ?? (isDom0 ? binding.dom0.agentId : null);
    if (shmem === null) {
      collected.notes.say(where, `its memory 0x${phandle.toString(16)} refers to nothing: it is left out`);
    } else collected.add("listed", { funcId, pages: [pageOf(shmem)], node: shmem }, known, where);
  }
}

function hostFunction(tree: DeviceTree): number | null {
  const host = tree.nodeByPath(HOST_SCMI_PATH);
  return host === undefined ? null : readU32(host, "arm,smc-id");
}

/** What a tree gives a channel: pages are bytes, null where Xen cannot tell the address. */
interface FoundChannel {
  readonly funcId: number | null;
  readonly pages: readonly (FoundPage | null)[];
  readonly node: DtNode;
}

interface FoundPage {
  readonly address: number;
  readonly size: number;
}

/** Function id and pages of an SCMI node: the second page is that of the way back. */
function nodeChannel(tree: DeviceTree, node: DtNode): FoundChannel {
  const pages = (readCells(node, "shmem") ?? []).slice(0, 2).map((phandle) => {
    const target = tree.nodeByPhandle(phandle);
    return target === undefined ? null : pageOf(target);
  });
  return { funcId: readU32(node, "arm,smc-id"), pages, node };
}

function pageOf(node: DtNode): FoundPage | null {
  return readRegion(node, 0);
}

/** Takes channels in, and tells of those that a board file cannot have. */
class Collected {
  readonly channels: TreeChannel[] = [];
  readonly notes = new NoteGroups();
  readonly #byFuncId = new Map<number, TreeChannel>();
  readonly #agentIds = new Set<number>();
  readonly #pages = new Map<number, string>();

  add(role: TreeChannel["role"], found: FoundChannel, agentId: number | null, where: string): void {
    const { funcId } = found;
    const [shmem = null, back = null] = found.pages;
    const known = funcId === null ? undefined : this.#byFuncId.get(funcId);
    if (known !== undefined && known.shmem === shmem?.address) {
      // dom0's row and the host's own node are the same channel, seen twice.
      this.#addBack(known, back, where);
      return;
    }
    const why = this.#refuse(found, agentId, known);
    if (why !== null) this.notes.say(where, `${why}: it is left out`);
    if (why !== null || funcId === null || shmem === null) return;
    const page = this.#page(shmem, where);
    if (page === null) return;
    const p2a = back === null ? null : this.#page(back, where);
    const channel = { role, funcId, shmem: page, p2a, agentId, where };
    this.channels.push(channel);
    this.#byFuncId.set(funcId, channel);
    if (agentId !== null) this.#agentIds.add(agentId);
  }

  /** Why a channel cannot be in a board file, or null. */
  #refuse(
    { funcId, pages, node }: FoundChannel,
    agentId: number | null,
    known: TreeChannel | undefined,
  ): string | null {
    if (funcId === null) return "it has no arm,smc-id";
    if (pages[0] === undefined || pages[0] === null) {
      return `the address of its memory cannot be told (${node.path})`;
    }
    if (known !== undefined) {
      return `it has the function id of ${known.where}, 0x${funcId.toString(16)}, with another page`;
    }
    if (this.channels.length > AGENT_ID_MAX)
      return `a board file has no more than ${AGENT_ID_MAX + 1} agents`;
    if (agentId === null) return null;
    if (agentId > AGENT_ID_MAX) return `agent ${agentId} is more than a board file can have, ${AGENT_ID_MAX}`;
    return this.#agentIds.has(agentId) ? `agent ${agentId} has a channel already` : null;
  }

  #addBack(known: TreeChannel, back: FoundPage | null, where: string): void {
    if (back === null || known.p2a !== null) return;
    const channel = { ...known, p2a: this.#page(back, where) };
    this.channels[this.channels.indexOf(known)] = channel;
    this.#byFuncId.set(known.funcId, channel);
  }

  /** The page of some memory, if nobody has it. */
  #page({ address, size }: FoundPage, where: string): number | null {
    const page = address - (address % PAGE_BYTES);
    const shown = `0x${address.toString(16)}`;
    if (page >= PAGES_END - PAGE_BYTES) {
      this.notes.say(where, `its memory at ${shown} is above what a board file can have: it is left out`);
      return null;
    }
    const holder = this.#pages.get(page);
    if (holder !== undefined) {
      this.notes.say(where, `its memory at ${shown} is in the page of ${holder}: it is left out`);
      return null;
    }
    if (page !== address || size !== PAGE_BYTES) {
      this.notes.say(
        where,
        `its memory is ${size} bytes at ${shown}: the board file has the page at 0x${page.toString(16)}`,
      );
    }
    this.#pages.set(page, where);
    return page;
  }
}

/** Xen's command line as the tree has it; empty where it has none. */
export function cmdlineOf(tree: DeviceTree): string {
  return (xenBootargs(tree)?.text ?? "").replace(/[\p{Cc}\p{Cs}]+/gu, " ");
}
