import { hexWord } from "#base/hex.ts";
import type { Board } from "#config/board/board.ts";
import { defaultAllowed } from "#firmware/access/permissions.ts";
import { recognised } from "#mediator/binding/recognised.ts";
import { AGENT_OWN } from "#mediator/state.ts";
import type { Configuration, MachineState } from "../state/state.ts";

/** Kinds of findings. */
export const FINDING_KINDS = [
  "host-panicked",
  "probe-failed",
  "channel-stuck",
  "channel-wedged",
  "channel-contradicts-firmware",
  "agent-held-by-dying-domain",
  "device-without-permission",
  "permission-left-behind",
] as const;

/** Something wrong that the running machine shows, with the event that caused it. */
export interface Finding {
  readonly kind: (typeof FINDING_KINDS)[number];
  readonly message: string;
  readonly seq: number;
  readonly agentId?: number;
  readonly domid?: number;
  readonly path?: string;
}

/** Everything wrong that can be seen now, in a fixed order. */
export function findings(state: MachineState): Finding[] {
  const configuration = state.configuration();
  if (configuration === undefined) return [];
  return [
    ...hostFindings(state),
    ...channelFindings(state, configuration),
    ...domainFindings(state),
    ...leftPermissions(state, configuration.board),
  ];
}

function hostFindings({ host, mediator }: MachineState): Finding[] {
  const found: Finding[] = [];
  const { panic, panicSeq } = host.get(0) ?? {};
  if (panic !== undefined) {
    found.push({ kind: "host-panicked", message: `the host panicked: ${panic}`, seq: panicSeq ?? 0 });
  }
  const driver = mediator.driver.get(0);
  if (driver?.failedSeq !== undefined) {
    const message = `the mediator's probe failed with ${driver.failedErrno}: ${driver.failedMessage}; ${afterFailure(mediator)}`;
    found.push({ kind: "probe-failed", message, seq: driver.failedSeq });
  }
  if (driver?.registered === true && driver.stuckSeq !== undefined) {
    const agentId = driver.managementAgent;
    found.push({
      kind: "channel-stuck",
      message:
        "Xen's own channel is never FREE again: every assignment and every teardown fails with EBUSY until the host reboots",
      seq: driver.stuckSeq,
      ...(agentId === undefined ? {} : { agentId }),
    });
  }
  return found;
}

/** What a failed probe left behind. */
function afterFailure({ driver, channel }: MachineState["mediator"]): string {
  if (driver.get(0)?.registered !== true) return "no domain gets SCMI";
  if (channel.ids().length === 0) return "the channel list is empty now";
  const { accessController } = driver.at(0);
  const whose = accessController === undefined ? "" : `, and the channels are those of ${accessController}`;
  return `an earlier one registered, and stays${whose}`;
}

function channelFindings({ firmware, mediator }: MachineState, configuration: Configuration): Finding[] {
  const found: Finding[] = [];
  for (const agentId of firmware.channel.ids()) {
    const { wedged, wedgedSeq } = firmware.channel.at(agentId);
    if (!wedged) continue;
    const message = `the firmware refuses the channel of agent ${agentId} for ever: its busy flag leaked`;
    found.push({ kind: "channel-wedged", message, seq: wedgedSeq, agentId });
  }
  const { node, probedSeq: seq } = mediator.driver.get(0) ?? {};
  if (seq === undefined) return found;
  const { board, tree } = configuration;
  const list = recognised(configuration).reader.agentList(tree, null)?.property;
  for (const index of mediator.channel.ids()) {
    const { agentId, funcId, shmem } = mediator.channel.at(index);
    const where = node ?? (index === 0 ? "the management node" : `row ${index - 1} of ${list}`);
    const message = contradiction(board, agentId, funcId, shmem);
    if (message === null) continue;
    found.push({
      kind: "channel-contradicts-firmware",
      message: `${where} of the device tree: ${message}`,
      seq,
      ...(agentId === AGENT_OWN ? {} : { agentId }),
    });
  }
  return found;
}

/** Where a channel of the device tree and the board's firmware table disagree. */
function contradiction(board: Board, agentId: number, funcId: number, shmem: number): string | null {
  const position = board.firmware.agents.findIndex((agent) => agent.funcId === funcId);
  const agent = board.firmware.agents[position];
  if (agent === undefined) return `the board file lists no agent with function id ${hexWord(funcId)}`;
  const listed = `firmware.agents[${position}] of the board file`;
  if (agent.shmem !== shmem) {
    return `${hexWord(funcId)} goes with the page ${hexWord(shmem)}, but ${listed} has ${hexWord(agent.shmem)}`;
  }
  if (agent.id !== agentId) {
    return `${hexWord(funcId)} is said to be agent ${agentId}, but ${listed} is agent ${agent.id}`;
  }
  return null;
}

function domainFindings({ mediator }: MachineState): Finding[] {
  const found: Finding[] = [];
  for (const domid of mediator.domain.ids()) {
    const { state, channel, dyingSeq } = mediator.domain.at(domid);
    const agentId = channel === null ? undefined : mediator.channel.get(channel)?.agentId;
    if (state === "dying" && agentId !== undefined) {
      const message = `domain ${domid} is dying and keeps agent ${agentId}; destroy it again`;
      found.push({ kind: "agent-held-by-dying-domain", message, seq: dyingSeq, domid, agentId });
    }
    const assignments = mediator.assignment.get(domid) ?? {};
    for (const path of Object.keys(assignments).sort()) {
      const { seq, ungranted } = JSON.parse(assignments[path] as string) as {
        seq: number;
        ungranted: boolean;
      };
      if (!ungranted) continue;
      const message = `${path} belongs to domain ${domid}, but no permission was granted for it`;
      found.push({ kind: "device-without-permission", message, seq, domid, path });
    }
  }
  return found;
}

/** Permissions of agents that nobody holds, beyond the boot's defaults and what somebody granted outside an assignment. */
function leftPermissions(state: MachineState, board: Board): Finding[] {
  return leftBehind(state, board).map(({ agentId, devices, seq }) => ({
    kind: "permission-left-behind" as const,
    message: `agent ${agentId} is free and still has permission for device ${devices.join(", ")}: its next domain inherits it`,
    seq: state.mediator.kept.get(agentId)?.seq ?? seq,
    agentId,
  }));
}

/** Agents without an owner that still have permissions of an assignment, the devices, and since which event. */
export function leftBehind(
  state: MachineState,
  board: Board,
): { readonly agentId: number; readonly devices: readonly number[]; readonly seq: number }[] {
  const { channel } = state.mediator;
  const owned = new Set<number>();
  for (const index of channel.ids()) {
    if (channel.at(index).owner !== null) owned.add(channel.at(index).agentId);
  }
  return state.firmware.permission.ids().flatMap((agentId) => {
    if (owned.has(agentId)) return [];
    const bits = state.firmware.permission.at(agentId);
    const devices = Object.keys(bits)
      .map(Number)
      .filter((id) => bits[id] === true && !defaultAllowed(board.firmware, agentId, id))
      .filter((id) => state.granted.get(agentId)?.[id] === undefined);
    if (devices.length === 0) return [];
    const since = devices.map((id) => state.permissionSince.get(agentId)?.[id] ?? 0);
    return [{ agentId, devices, seq: Math.min(...since) }];
  });
}
