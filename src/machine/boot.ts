import type { Errno } from "#base/errno.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { isCompatible, readStrings } from "#config/device-tree/property.ts";
import { dom0ClaimedNodes } from "#config/dom0-tree/rule.ts";
import type { BootCause, DomainConfig } from "#events/types.ts";
import { claimForDom0 } from "#mediator/assignment.ts";
import { dom0Sci } from "#mediator/binding/dom0-agent.ts";
import { readDom0lessSci } from "#mediator/dom0less.ts";
import { createDomain } from "#mediator/domains.ts";
import { InterruptRouting } from "#mediator/interrupts.ts";
import { passThrough } from "#mediator/passthrough.ts";
import { scanForMediator } from "#mediator/probe.ts";
import type { BootResult } from "./commands/results.ts";
import type { Deciding } from "./context.ts";
import { createFromRequest } from "./rules/toolstack.ts";
import { deriveUuid } from "./uuid.ts";

const DOM0 = 0;
const DOM0_UUID = "00000000-0000-0000-0000-000000000000";

/** What a boot came to, and its errno: the panic's, else the scan's, else null. */
export interface Boot {
  readonly result: BootResult;
  readonly errno: Errno | null;
}

/**
 * A host boot: the firmware at power-on, the mediator's probe, dom0 with its devices, the dom0less domains in tree order, then
 * what the toolstack starts by itself. A panic ends it where it happens.
 *
 * @param firstSeq the first event of the boot, destroyed domains included
 */
export function boot(context: Deciding, cause: BootCause, firstSeq: number): Boot {
  context.emit("host.booted", { cause });
  const scanErrno = scanForMediator(context);
  const routing = new InterruptRouting(context.host.tree);
  const panic = buildDom0(context, routing) ?? buildDom0less(context, routing);
  if (panic === null) {
    for (const { text } of context.host.autostart) createFromRequest(context, { xlcfg: text });
  }
  const result = { epoch: context.machine.host.at(0).epoch, firstSeq, lastSeq: context.lastSeq() };
  return { result, errno: panic ?? scanErrno };
}

/** Every domain ends with the host: no message is sent, there is nobody left to send it. */
export function endDomains(context: Deciding): void {
  for (const domid of context.state.domain.ids()) {
    const { uuid, name, channel } = context.state.domain.at(domid);
    const agentId = channel === null ? null : (context.state.channel.get(channel)?.agentId ?? null);
    context.emit(
      "domain.destroyed",
      { uuid, name, cause: "host-reboot", relinquish: "none" },
      { domid, agentId },
    );
  }
}

function buildDom0(context: Deciding, routing: InterruptRouting): Errno | null {
  const created = createDomain(
    context,
    {
      name: "Domain-0",
      uuid: DOM0_UUID,
      origin: "dom0",
      config: builtByXen(dom0Sci(context.host), context.host.board.xen.iommu),
      lastDomid: 0,
    },
    true,
  );
  if (created.errno !== null) return created.errno;
  const claimed = dom0ClaimedNodes(context.host.tree, {
    hasAgent: context.state.domain.at(0).channel !== null,
    mediatorRegistered: context.state.driver.get(0)?.registered === true,
  });
  for (const node of claimed) {
    const errno = claimForDom0(context, node);
    if (errno !== null) return errno;
    if (context.host.partialTrees.size > 0) routing.route(DOM0, node);
  }
  return null;
}

function buildDom0less(context: Deciding, routing: InterruptRouting): Errno | null {
  for (const node of dom0lessDomains(context.host.tree)) {
    const sci = readDom0lessSci(node, context.host);
    if ("errno" in sci) {
      context.emit("domain.creation-refused", {
        name: node.name,
        origin: "dom0less",
        config: null,
        stage: "xen",
        errno: sci.errno,
        message: sci.message,
        panic: true,
      });
      return sci.errno;
    }
    const partialTree = context.host.partialTrees.get(node.name);
    const iommu = context.host.board.xen.iommu && (partialTree !== undefined || wantsIommu(context, node));
    const created = createDomain(
      context,
      {
        name: node.name,
        uuid: deriveUuid(context, node.path),
        origin: "dom0less",
        config: builtByXen(sci, iommu),
        lastDomid: context.machine.host.at(0).lastDomid,
      },
      true,
    );
    if (created.errno !== null) return created.errno;
    const errno =
      partialTree === undefined ? null : passThrough(context, created.domid, partialTree, routing);
    if (errno !== null) return errno;
  }
  return null;
}

/**
 * Whether a domain gets an IOMMU context although the board has no partial tree for it: it asks for one, or the host tree has the
 * module of a partial tree. Xen looks for that from the domain's node to the end of the tree, so that a later domain's does it, too.
 * The first rules did not know.
 */
function wantsIommu({ host }: Deciding, node: DtNode): boolean {
  if (host.rules < 2) return false;
  if (readStrings(node, "passthrough")?.[0] === "enabled") return true;
  const behind = host.tree.nodes.slice(host.tree.nodes.indexOf(node) + 1);
  return behind.some((other) => isCompatible(other, "multiboot,device-tree"));
}

/** The configuration of a domain that no toolstack watches: what it does at its end stays undone. */
function builtByXen(sci: DomainConfig["sci"], passthrough: boolean): DomainConfig {
  return { sci, dtdev: [], passthrough, onPoweroff: "preserve", onReboot: "preserve", onCrash: "preserve" };
}
