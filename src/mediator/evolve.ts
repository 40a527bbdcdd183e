import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { MachineEvent, MediatorProbed, ProbedChannel } from "#events/types.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import { CHANNEL_FREE, SHMEM } from "#scmi/shmem.ts";
import { isSingleAgent } from "./single-agent/mode.ts";
import { DOMID_XEN, type MediatorState } from "./state.ts";

/**
 * Applies an event to what Xen and its toolstack know. The only code that changes it, live and at replay alike.
 *
 * @param page the page at an address, with the event's own bytes already in it
 */
export function evolveMediator(
  state: MediatorState,
  event: MachineEvent,
  page: (address: number) => DeviceMemory,
): void {
  switch (event.type) {
    case "host.booted":
      for (const table of Object.values(state)) table.clear();
      state.driver.put(0, { registered: false });
      return;
    case "mediator.probed":
      probed(state, event.data, event.seq);
      return;
    case "mediator.probe-failed":
      state.driver.put(0, {
        failedSeq: event.seq,
        failedErrno: event.data.errno,
        failedMessage: event.data.message,
      });
      if (event.data.channel !== undefined) {
        state.driver.set(0, "node", event.data.node);
        state.channel.put(0, { ...event.data.channel, owner: null });
      }
      if (!event.data.listEmptied) return;
      state.channel.clear();
      state.driver.set(0, "accessController", event.data.node);
      if (event.data.channels !== undefined) leaked(state, event.data.channels);
      return;
    case "domain.created":
      created(state, event);
      return;
    case "domain.destroy-refused":
      if (event.domid === null || !event.data.dying) return;
      releaseIommu(state, event.domid);
      if (state.domain.at(event.domid).state !== "dying")
        state.domain.set(event.domid, "dyingSeq", event.seq);
      state.domain.set(event.domid, "state", "dying");
      return;
    case "domain.destroyed":
      if (event.domid !== null) destroyed(state, event.domid);
      return;
    case "domain.shutdown":
      if (event.domid === null) return;
      state.domain.set(event.domid, "state", "shutdown");
      if (event.data.renamedTo !== undefined) state.domain.set(event.domid, "name", event.data.renamedTo);
      if (event.data.newUuid !== undefined) state.domain.set(event.domid, "uuid", event.data.newUuid);
      return;
    case "device.assigned":
      assigned(state, event);
      return;
    case "device.assignment-refused":
      if (event.domid !== null && event.data.protected)
        state.iommu.put(event.data.path, { domid: event.domid });
      return;
    case "agent.reset":
      if (event.agentId === null) return;
      if (event.data.permissions === "reset") state.kept.delete(event.agentId);
      else if (!state.kept.has(event.agentId)) state.kept.set(event.agentId, "seq", event.seq);
      return;
    case "smc.forwarded":
      if (event.data.origin === "xen") noteStuck(state, event.data.shmem, event.seq, page);
      return;
    default:
      return;
  }
}

function probed(state: MediatorState, data: MediatorProbed, seq: number): void {
  const isMulti = data.mode === "multi-agent";
  if (isMulti) {
    state.driver.put(0, {
      registered: true,
      accessController: data.node,
      managementAgent: data.managementAgent,
      managementFuncId: data.channels[0]?.funcId ?? 0,
      managementShmem: data.channels[0]?.shmem ?? 0,
      probedSeq: seq,
    });
  } else {
    const { mode, node, passthrough } = data;
    state.driver.put(0, { registered: true, mode, node, passthrough, probedSeq: seq });
  }
  putChannels(state, data.channels, isMulti);
}

/** The second node of two: its channels and its management agent are those that the registered driver works with. */
function leaked(state: MediatorState, channels: readonly ProbedChannel[]): void {
  const [management] = channels;
  if (management === undefined) return;
  const { agentId, funcId, shmem } = management;
  state.driver.put(0, { managementAgent: agentId, managementFuncId: funcId, managementShmem: shmem });
  putChannels(state, channels, true);
}

function putChannels(state: MediatorState, channels: readonly ProbedChannel[], isFirstXens: boolean): void {
  for (const [index, { agentId, funcId, shmem }] of channels.entries()) {
    state.channel.put(index, {
      agentId,
      funcId,
      shmem,
      owner: isFirstXens && index === 0 ? DOMID_XEN : null,
    });
  }
}

function created(state: MediatorState, event: Extract<MachineEvent, { type: "domain.created" }>): void {
  const domid = event.domid as number;
  const { uuid, name, origin, config, channel, iomem } = event.data;
  state.domain.put(domid, {
    uuid,
    name,
    origin,
    state: "running",
    sciType: config.sci.type,
    channel,
    iommu: config.passthrough,
    config: canonicalJson(config as unknown as Json),
    createdSeq: event.seq,
  });
  if (iomem !== undefined) state.iomem.put(iomem.address, { granted: true, bytes: iomem.bytes });
  if (channel === null) return;
  state.channel.set(channel, "owner", domid);
  // dom0 may later hand the page to the guest by iomem_permission: so it is given the page itself, and for good.
  if (domid !== 0 && state.domain.has(0) && !isSingleAgent(state)) {
    state.iomem.put(state.channel.at(channel).shmem, { granted: true });
  }
}

function destroyed(state: MediatorState, domid: number): void {
  releaseIommu(state, domid);
  const channel = state.domain.get(domid)?.channel ?? null;
  if (channel !== null && state.channel.has(channel)) state.channel.set(channel, "owner", null);
  state.assignment.delete(domid);
  state.domain.delete(domid);
}

function assigned(state: MediatorState, event: Extract<MachineEvent, { type: "device.assigned" }>): void {
  const domid = event.domid as number;
  const { path, deviceIds, controlled } = event.data;
  if (event.data.protected) state.iommu.put(path, { domid });
  const hasAgent = (state.domain.get(domid)?.channel ?? null) !== null;
  const ungranted = controlled && hasAgent && deviceIds.length === 0;
  state.assignment.set(domid, path, JSON.stringify({ deviceIds, seq: event.seq, ungranted }));
}

function releaseIommu(state: MediatorState, domid: number): void {
  for (const path of state.iommu.keys()) {
    if (state.iommu.get(path)?.domid === domid) state.iommu.delete(path);
  }
}

/** A page of Xen's own that is not FREE after a ring stays so: nothing of Xen's will ever set it again. */
function noteStuck(
  state: MediatorState,
  shmem: number,
  seq: number,
  page: (address: number) => DeviceMemory,
): void {
  const driver = state.driver.get(0);
  const isFree = (page(shmem).read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) !== 0;
  if (isFree) state.driver.set(0, "stuckSeq", undefined);
  else if (driver?.stuckSeq === undefined) state.driver.set(0, "stuckSeq", seq);
}
