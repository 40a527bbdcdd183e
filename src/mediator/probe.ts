import type { Errno } from "#base/errno.ts";
import { scannedScmiNodes } from "#config/binding/scanned-nodes.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import type { ProbedChannel } from "#events/types.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";
import { type Recognised, recognised } from "./binding/recognised.ts";
import type { MediatorContext } from "./context.ts";
import { failure, firstChecks, type ProbeFailure } from "./first-checks.ts";
import {
  BASE_DISCOVER_AGENT,
  mapPage,
  mappedPage,
  PROTOCOL_ATTRIBUTES,
  replyWord,
  sendMessage,
} from "./messaging.ts";
import { scanForSingleAgent } from "./single-agent/probe.ts";
import { AGENT_OWN } from "./state.ts";
import { atLeast } from "./versions.ts";

/** Room for a DISCOVER_AGENT answer: id and name. */
const DISCOVER_AGENT_RX_BYTES = 20;

/**
 * Walks the host device tree as Xen's initcall does and probes every node that qualifies. Records `mediator.probed` or
 * `mediator.probe-failed` for each node that was probed in earnest; nodes that are skipped leave no trace.
 *
 * @returns the errno that stopped the scan, or null. Boot goes on in any case.
 * @see the series' `sci_init` and `scmi_probe`
 */
export function scanForMediator(context: MediatorContext): Errno | null {
  const { rules, board } = context.host;
  const { mediator } = board.xen;
  // By the first rules a Xen without any mediator probed all the same.
  if (mediator === "none" && rules >= 2) return null;
  if (mediator === "single-agent") return scanForSingleAgent(context);
  const binding = recognised(context.host);
  for (const node of scannedScmiNodes(context.host.tree)) {
    if (!binding.reader.mayManage(context.host.tree, node)) continue; // ENODEV of the probe itself
    const failure = probe(context, node, binding);
    if (failure === null) continue;
    context.emit("mediator.probe-failed", {
      node: node.path,
      ...failure,
      listEmptied: failure.step >= LIST_INITIALISED,
    });
    return failure.errno;
  }
  return null;
}

/** A probe that failed, with the channels that it left in the list all the same. */
interface Failure extends ProbeFailure {
  readonly channels?: readonly ProbedChannel[];
}

/** From this step on the channel list was re-initialised: a failure leaves it empty. */
const LIST_INITIALISED = 9;

function probe(context: MediatorContext, node: DtNode, binding: Recognised): Failure | null {
  const { tree } = context.host;
  const funcId = firstChecks(context.host, node);
  if (typeof funcId !== "number") return funcId;
  const phandle = readU32(node, "shmem");
  if (phandle === null) return failure(5, "ENOENT", `${node.path} has no shmem`);
  const shmemNode = tree.nodeByPhandle(phandle);
  if (shmemNode === undefined) {
    // Xen goes on with an uninitialised address here; no outcome of that is worth modelling as success.
    return failure(6, "ENOENT", `shmem of ${node.path} refers to nothing`);
  }
  const region = readRegion(shmemNode, 0);
  if (region === null) return failure(7, "ENOENT", `the address of ${shmemNode.path} cannot be translated`);
  if (region.size % PAGE_BYTES !== 0) {
    return failure(8, "EINVAL", `the size of ${shmemNode.path} is not a multiple of 4 KiB`);
  }

  const shmem = region.address;
  const page = mapPage(context, shmem);
  // The shipping product takes Xen for agent 0 until the firmware has answered.
  const declared = binding.version === "bsp" ? 0 : AGENT_OWN;
  const discovered = sendMessage(
    context,
    { agentId: declared, funcId, shmem },
    page,
    BASE_DISCOVER_AGENT,
    [AGENT_OWN],
    DISCOVER_AGENT_RX_BYTES,
  );
  if (discovered.errno !== null) {
    return failure(12, discovered.errno, `DISCOVER_AGENT on the management channel: ${discovered.errno}`);
  }
  const management = { agentId: replyWord(discovered, 0) ?? declared, funcId, shmem };
  const attributes = sendMessage(context, management, mappedPage(context, shmem), PROTOCOL_ATTRIBUTES, [], 4);
  if (attributes.errno !== null) {
    return failure(
      13,
      attributes.errno,
      `PROTOCOL_ATTRIBUTES on the management channel: ${attributes.errno}`,
    );
  }
  const secondaries = readAgentList(context, node, management, binding);
  if ("errno" in secondaries) return secondaries;
  if (context.state.driver.get(0)?.registered === true) {
    const failed = failure(15, "EEXIST", "a mediator is registered already");
    // Since v10 the list is freed then; before, what this probe has made of it is what Xen goes on with.
    return atLeast(binding.version, "v10") ? failed : { ...failed, channels: [management, ...secondaries] };
  }
  context.emit(
    "mediator.probed",
    {
      mode: "multi-agent",
      node: node.path,
      managementAgent: management.agentId,
      reportedAgents: ((replyWord(attributes, 0) ?? 0) >>> 8) & 0xff,
      channels: [management, ...secondaries],
    },
    { agentId: management.agentId === AGENT_OWN ? null : management.agentId },
  );
  return null;
}

/**
 * The secondary channels. Since v7 they are those of the first `xen,sci` node in tree order, which need not be the container of
 * the probed node.
 *
 * @see `mediator-reference.md` §2.3; the series' `scmi_probe_agents`, `collect_agents`
 */
function readAgentList(
  context: MediatorContext,
  node: DtNode,
  management: ProbedChannel,
  binding: Recognised,
): readonly ProbedChannel[] | ProbeFailure {
  const { reader } = binding;
  const { version } = context.host.board.xen;
  const list = reader.agentList(context.host.tree, node);
  if (list === null) return failure(14, "ENOENT", `there is no ${reader.form} node`);
  const { cells, property } = list;
  if (list.state === "bad-cells") {
    return failure(14, "EINVAL", `${list.cellsProperty} is ${cells}; only 2 and 3 are valid`);
  }
  if (list.state === "absent") return failure(14, "EINVAL", `${list.node.path} has no ${property}`);
  if (list.state === "ragged") {
    return failure(14, "EINVAL", `${property} of ${list.bytes} bytes has no whole rows of ${cells} cells`);
  }

  const channels: ProbedChannel[] = [];
  for (const { index: row, funcId, shmem: shmemNode, agentId } of list.rows) {
    if (shmemNode === null) return failure(14, "EINVAL", `row ${row}: shared memory refers to nothing`);
    const region = readRegion(shmemNode, 0);
    if (region === null) {
      return failure(14, "EINVAL", `row ${row}: the address of ${shmemNode.path} cannot be translated`);
    }
    const aligned = !atLeast(version, "v10") || region.address % PAGE_BYTES === 0;
    if (region.size % PAGE_BYTES !== 0 || !aligned) {
      return failure(14, "EINVAL", `row ${row}: ${shmemNode.path} is not page aligned`);
    }
    const declared = agentId ?? AGENT_OWN;
    const known = declared === management.agentId || channels.some((channel) => channel.agentId === declared);
    if (agentId !== null && known && atLeast(version, "v6")) {
      return failure(14, "EEXIST", `row ${row}: agent ${declared} is in the list already`);
    }
    const channel = { agentId: declared, funcId, shmem: region.address };
    const isDiscovered = agentId === null || binding.version === "bsp";
    const discovered = isDiscovered ? discoverAgent(context, channel, row) : declared;
    if (typeof discovered !== "number") return discovered;
    channels.push({ ...channel, agentId: discovered });
  }
  return channels;
}

/** Asks the firmware who a channel is. The answer is taken as it is, duplicates included. */
function discoverAgent(context: MediatorContext, channel: ProbedChannel, row: number): number | ProbeFailure {
  const reply = sendMessage(
    context,
    channel,
    mapPage(context, channel.shmem),
    BASE_DISCOVER_AGENT,
    [AGENT_OWN],
    DISCOVER_AGENT_RX_BYTES,
  );
  if (reply.errno !== null) return failure(14, reply.errno, `row ${row}: DISCOVER_AGENT: ${reply.errno}`);
  return replyWord(reply, 0) ?? channel.agentId;
}
