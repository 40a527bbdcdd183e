import type { ExportedChannel, ExportedDomain, ExportView } from "#config/export/view.ts";
import type { DomainConfig } from "#events/types.ts";
import { guestFuncId } from "#mediator/binding/guest-func-id.ts";
import { DOMID_XEN } from "#mediator/state.ts";
import type { MachineState } from "../state/state.ts";
import { domainView } from "./views.ts";

/** The machine as exports need it. Undefined while nothing is configured. */
export function exportView(state: MachineState): ExportView | undefined {
  const host = state.configuration();
  if (host === undefined) return undefined;
  const { driver, channel, domain } = state.mediator;
  const channels = channel.ids().map((index): ExportedChannel => {
    const { agentId, funcId, shmem, owner } = channel.at(index);
    const guest = guestFuncId(host, { agentId, funcId });
    return { agentId, funcId, shmem, owner: owner === DOMID_XEN ? "xen" : owner, guestFuncId: guest };
  });
  const isRegistered = driver.get(0)?.registered === true;
  return {
    board: host.board,
    tree: host.tree,
    partialTrees: host.partialTrees,
    channels,
    isRegistered,
    accessController: isRegistered ? (driver.get(0)?.accessController ?? null) : null,
    domains: domain.ids().map((domid) => exportedDomain(state, domid)),
  };
}

function exportedDomain(state: MachineState, domid: number): ExportedDomain {
  const { name, uuid, origin, agentId, devices } = domainView(state, domid);
  const config = JSON.parse(state.mediator.domain.at(domid).config) as DomainConfig;
  const { sci, passthrough, onPoweroff, onReboot, onCrash, xlcfg } = config;
  return {
    domid,
    name,
    uuid,
    origin,
    sci,
    agentId,
    passthrough,
    onPoweroff,
    onReboot,
    onCrash,
    xlcfg: xlcfg ?? null,
    devices: devices.map(({ path }) => path),
    grantedByHand: agentId === null ? [] : grantedByHand(state, agentId),
  };
}

/** SCMI devices that an agent got otherwise than by an assignment. */
function grantedByHand({ granted }: MachineState, agentId: number): number[] {
  return Object.keys(granted.get(agentId) ?? {})
    .map(Number)
    .sort((a, b) => a - b);
}
