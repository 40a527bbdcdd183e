import type { MachineEvent, P2aAcknowledged, SentByFirmware, SmcForwarded } from "#events/types.ts";
import { applyEffects, applyResponse, applySent } from "#firmware/apply.ts";
import { initialiseChannels } from "#firmware/channel/initialise-channel.ts";
import { setFree } from "#firmware/p2a/outbox.ts";
import { powerOn } from "#firmware/power-on.ts";
import type { Effect } from "#firmware/state.ts";
import { evolveMediator } from "#mediator/evolve.ts";
import { memcpyToIo } from "#scmi/device-memory.ts";
import { loadConfiguration } from "./configuration.ts";
import type { Hash } from "./state/digest.ts";
import type { MachineState } from "./state/state.ts";

/** Applies one event. The only code that changes the machine's state, live and at replay alike. */
export function evolve(state: MachineState, event: MachineEvent, hash: Hash): void {
  switch (event.type) {
    case "host.configured": {
      const configuration = loadConfiguration(event.data, hash);
      state.configurations.set(configuration.digest, configuration);
      state.host.put(0, {
        configuration: configuration.digest,
        ruleVersion: event.data.ruleVersion,
        configuredSeq: event.seq,
        epoch: state.host.get(0)?.epoch ?? 0,
        lastDomid: 0,
      });
      break;
    }
    case "host.booted":
      state.host.put(0, {
        epoch: event.epoch,
        lastDomid: 0,
        panic: undefined,
        panicErrno: undefined,
        panicSeq: undefined,
      });
      powerOnFirmware(state);
      break;
    case "domain.created":
    case "domain.creation-refused":
      if (event.domid !== null && event.domid > 0) state.host.set(0, "lastDomid", event.domid);
      break;
    case "smc.forwarded":
      forwarded(state, event.data, event.seq);
      break;
    case "smc.refused":
      if (event.data.shmem !== null) writePages(state, event.data.shmem, event.data.writes);
      break;
    case "scmi.completed":
    case "sensor.changed":
      applyEffects(state.firmware, event.data.effects as readonly Effect[], event.seq);
      sent(state, event.data.sent);
      break;
    case "p2a.acknowledged":
      acknowledged(state, event.data, event.seq);
      break;
    default:
      break;
  }
  if (event.agentId !== null) {
    if (event.type === "device.assigned") claimGrants(state, event.agentId, event.data.deviceIds);
    if (event.type === "device.assignment-refused") claimGrants(state, event.agentId, event.data.granted);
  }
  if (
    (event.type === "domain.creation-refused" || event.type === "device.assignment-refused") &&
    event.data.panic
  ) {
    state.host.put(0, { panicErrno: event.data.errno, panic: event.data.message, panicSeq: event.seq });
  }
  evolveMediator(state.mediator, event, (address) => state.memory.window(address));
}

/** The firmware at power-on state: at every host boot, and when a simulation resets it. */
export function powerOnFirmware(state: MachineState): void {
  const configuration = state.configuration();
  if (configuration === undefined) return;
  powerOn(configuration.board.firmware, state.firmware, state.memory);
  state.permissionSince.clear();
  state.granted.clear();
}

function forwarded(state: MachineState, data: SmcForwarded, seq: number): void {
  writePages(state, data.shmem, data.writes);
  applyEffects(state.firmware, data.effects as readonly Effect[], seq);
  for (const { table, row, column, value } of data.effects) {
    if (table !== "permission") continue;
    state.permissionSince.set(row, Number(column), value === undefined ? undefined : seq);
    // A grant is somebody's own doing until an assignment claims it, one event later.
    state.granted.set(row, Number(column), value === true ? seq : undefined);
  }
  const configuration = state.configuration();
  if (configuration === undefined) return;
  const { firmware } = configuration.board;
  initialiseChannels(firmware, state.memory, data.effects as readonly Effect[]);
  if (data.caller !== null && data.response !== null) {
    applyResponse(firmware, state.memory, data.caller, data.response);
  }
  if (data.notifications !== undefined) sent(state, data.notifications);
}

function sent(state: MachineState, messages: readonly SentByFirmware[]): void {
  const configuration = state.configuration();
  if (configuration !== undefined) applySent(configuration.board.firmware, state.memory, messages);
}

/** An agent set its page FREE, and then what had waited for that took it. */
function acknowledged(state: MachineState, data: P2aAcknowledged, seq: number): void {
  setFree(state.memory, data.page);
  applyEffects(state.firmware, data.effects as readonly Effect[], seq);
  sent(state, data.sent);
}

/** The permissions that an assignment sent are its own: they go when the domain goes. */
function claimGrants(state: MachineState, agentId: number, deviceIds: readonly number[]): void {
  for (const deviceId of deviceIds) state.granted.set(agentId, deviceId, undefined);
}

function writePages(
  state: MachineState,
  shmem: number,
  writes: readonly { readonly offset: number; readonly bytes: Uint8Array }[],
): void {
  const page = state.memory.window(shmem);
  for (const { offset, bytes } of writes) memcpyToIo(page, offset, bytes);
}
