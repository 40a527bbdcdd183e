import type { Errno } from "#base/errno.ts";
import { hexWord } from "#base/hex.ts";
import { scannedScmiNodes } from "#config/binding/scanned-nodes.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import { leavesScmiToGuest } from "#config/xlcfg/passthrough-option.ts";
import type { ProbedChannel } from "#events/types.ts";
import type { Host, MediatorContext } from "../context.ts";
import { failure, firstChecks, type ProbeFailure } from "../first-checks.ts";
import { AGENT_OWN } from "../state.ts";
import { NO_PAGE } from "./mode.ts";

/** A probe that failed; `channel` is there where what Xen forwards has become another all the same. */
interface Failure extends ProbeFailure {
  readonly channel?: ProbedChannel;
}

/**
 * The scan of a Xen with the single-agent mediator: the first SCMI node registers it, wherever it is; a second one ends the scan.
 *
 * @returns the errno that stopped the scan, or null. Boot goes on in any case.
 */
export function scanForSingleAgent(context: MediatorContext): Errno | null {
  for (const node of scannedScmiNodes(context.host.tree)) {
    const failed = probe(context, node);
    if (failed === null) continue;
    context.emit("mediator.probe-failed", { node: node.path, ...failed, listEmptied: false });
    return failed.errno;
  }
  return null;
}

/**
 * Sends no message. The function id is written before registration is tried, so that a second node's is the one in use from
 * then on, although its probe fails.
 *
 * @see `mediator-reference.md` §7.2; xen/arch/arm/firmware/scmi-smc.c, `scmi_dom0_init`
 */
function probe(context: MediatorContext, node: DtNode): Failure | null {
  const { host, state } = context;
  const funcId = firstChecks(host, node);
  if (typeof funcId !== "number") return funcId;
  const channel = channelOf(host, node, funcId);
  if (state.driver.get(0)?.registered === true) {
    const message = `a mediator is registered already; the function id in use is ${hexWord(funcId)} of ${node.path} now`;
    return { ...failure(15, "EEXIST", message), channel };
  }
  context.emit("mediator.probed", {
    mode: "single-agent",
    node: node.path,
    passthrough: leavesScmiToGuest(host.cmdline, host.board.xen.version),
    channels: [channel],
  });
  return null;
}

/**
 * The channel behind a function id. Xen knows neither agent nor page: the agent is the firmware's with that function id, the page
 * is the one that the node names, or else the agent's own.
 */
function channelOf({ board, tree }: Host, node: DtNode, funcId: number): ProbedChannel {
  const agent = board.firmware.agents.find((listed) => listed.funcId === funcId);
  const phandle = readU32(node, "shmem");
  const page = phandle === null ? undefined : tree.nodeByPhandle(phandle);
  const region = page === undefined ? null : readRegion(page, 0);
  return {
    agentId: agent?.id ?? AGENT_OWN,
    funcId,
    shmem: region?.address ?? agent?.shmem ?? NO_PAGE,
  };
}
