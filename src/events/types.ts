import type { Scalar } from "#base/cells.ts";
import type { Errno } from "#base/errno.ts";
import type { Board, PartialTreeBytes } from "#config/board/board.ts";
import type { ScmiObserved, TraceImported, XenObserved } from "./observed.ts";

/** `host.configured`: everything that the machine is built from, so that the log alone can rebuild it. */
export interface HostConfigured {
  readonly board: Board;
  /** SHA-256 of the flattened device tree, hex. */
  readonly deviceTreeDigest: string;
  /** The flattened device tree itself. */
  readonly deviceTree: Uint8Array;
  readonly cmdline: string;
  readonly autostart: readonly { readonly file: string; readonly text: string }[];
  /** The partial device trees of dom0less domains; left out where there are none. */
  readonly partialTrees?: readonly PartialTreeBytes[];
  /** Version of the rules that decided this log; a change of rules is a new version, and old logs verify with theirs. */
  readonly ruleVersion: number;
}

export type BootCause = "cold" | "reboot" | "crash";

/** `host.booted`: the firmware is at power-on state, Xen has not probed yet. */
export interface HostBooted {
  readonly cause: BootCause;
}

/** A row of Xen's channel table, as the probe leaves it. */
export interface ProbedChannel {
  readonly agentId: number;
  readonly funcId: number;
  readonly shmem: number;
}

/** `mediator.probed`: the driver is registered. */
export type MediatorProbed = MultiAgentProbed | SingleAgentProbed;

/** The multi-agent mediator; channels in list order, management first. */
export interface MultiAgentProbed {
  readonly mode: "multi-agent";
  /** Path of the SCMI node that was probed: the one access controller that assignment knows. */
  readonly node: string;
  readonly managementAgent: number;
  /** Agent count of PROTOCOL_ATTRIBUTES: logged by Xen and otherwise ignored. */
  readonly reportedAgents: number;
  readonly channels: readonly ProbedChannel[];
}

/** The single-agent mediator, which sends no message: agent and page of its one channel are those of the function id. */
export interface SingleAgentProbed {
  readonly mode: "single-agent";
  /** Path of the SCMI node that was probed. */
  readonly node: string;
  /** Whether dom0 leaves SCMI to a guest: Xen was started with `scmi-smc-passthrough`. */
  readonly passthrough: boolean;
  readonly channels: readonly ProbedChannel[];
}

/** `mediator.probe-failed`: step of `mediator-reference.md` §2.2 that failed; boot goes on without (this) mediator. */
export interface MediatorProbeFailed {
  readonly node: string;
  readonly step: number;
  readonly errno: Errno;
  readonly message: string;
  /** From step 9 on the channel list was re-initialised and is empty now. */
  readonly listEmptied: boolean;
  /** Of a second node of the single-agent mediator: what Xen forwards from then on all the same. */
  readonly channel?: ProbedChannel;
  /** Up to v9 a registration that failed left the list as it had been made: what Xen goes on with. The first is its own. */
  readonly channels?: readonly ProbedChannel[];
}

/** Physical addresses that dom0 may map for a guest, whole pages. */
export interface IomemRange {
  readonly address: number;
  readonly bytes: number;
}

export type DomainOrigin = "dom0" | "dom0less" | "toolstack";
export type ShutdownAction =
  | "destroy"
  | "restart"
  | "rename-restart"
  | "preserve"
  | "coredump-destroy"
  | "coredump-restart"
  | "soft-reset";

/** What a domain was asked to be; kept for its restarts. */
export interface DomainConfig {
  readonly sci: { readonly type: string; readonly agentId: number };
  readonly dtdev: readonly string[];
  /** Whether the domain has an IOMMU context (xl's `passthrough`). */
  readonly passthrough: boolean;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onCrash: ShutdownAction;
  /** The xl.cfg text that it was created from, if it was. */
  readonly xlcfg?: string;
}

/** `domain.created`; `channel` is the index in Xen's channel list, null without SCI. */
export interface DomainCreated {
  readonly uuid: string;
  readonly name: string;
  readonly origin: DomainOrigin;
  readonly config: DomainConfig;
  /** Agent that the domain holds, or null: SCI is off. */
  readonly agent: number | null;
  readonly channel: number | null;
  /** Of dom0, where the single-agent mediator drops its SCMI node: the shared memory that it may map for a guest. */
  readonly iomem?: IomemRange;
}

/** `domain.creation-refused`; `stage` says who refused, `panic` that the host died of it. */
export interface DomainCreationRefused {
  readonly name: string;
  readonly origin: DomainOrigin;
  readonly config: DomainConfig | null;
  readonly stage: "toolstack" | "xen";
  readonly errno: Errno;
  readonly message: string;
  readonly panic: boolean;
}

export type DestroyCause = "destroy" | "restart" | "host-reboot";

/** `domain.destroyed`; `relinquish` tells how its SCI resources were given back. */
export interface DomainDestroyed {
  readonly uuid: string;
  readonly name: string;
  readonly cause: DestroyCause;
  /** `reset`: permissions reset; `tolerated`: the firmware said EOPNOTSUPP, they stay; `none`: nothing to send. */
  readonly relinquish: "reset" | "tolerated" | "none";
}

/** `domain.destroy-refused`: `dying` tells whether the domain is dying now (a later destroy retries). */
export interface DomainDestroyRefused {
  readonly errno: Errno;
  readonly message: string;
  readonly dying: boolean;
}

/** `domain.shutdown`: the guest ended itself; what the toolstack makes of it. Where the
 * old domain is kept beside its successor, `renamedTo` and `newUuid` are its own from then on. */
export interface DomainShutdown {
  readonly reason: "poweroff" | "reboot" | "crash";
  readonly action: ShutdownAction;
  readonly renamedTo?: string;
  readonly newUuid?: string;
}

/** `device.assigned`; `deviceIds` got a permission message, `sci` and `iommu` are the results of the two stages (null: 0). */
export interface DeviceAssigned {
  readonly path: string;
  readonly deviceIds: readonly number[];
  readonly sci: Errno | null;
  readonly iommu: Errno | null;
  /** Whether the device is behind an IOMMU and now belongs to the domain there. */
  readonly protected: boolean;
  /** Whether the tree puts the device under SCMI control (`access-controllers`), granted or not. */
  readonly controlled: boolean;
}

/** `device.assignment-refused`; `granted` stays granted. */
export interface DeviceAssignmentRefused {
  readonly path: string;
  readonly errno: Errno;
  readonly message: string;
  readonly granted: readonly number[];
  /** Whether the IOMMU stage had already put the device behind the domain. */
  readonly protected: boolean;
  readonly panic: boolean;
}

/** Bytes that the caller wrote into its page before it rang. */
export interface PageWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A message in shared memory. */
export interface SmcMessage {
  readonly header: number;
  readonly payload: Uint8Array;
}

/** The channel as the firmware left it. */
export interface SmcResponse extends SmcMessage {
  readonly channelStatus: number;
  readonly length: number;
}

/** A cell of the firmware's state that became something else; `value` undefined: it is back at its default. */
export interface SmcEffect {
  readonly table: string;
  readonly row: number;
  readonly column: string;
  readonly value: Scalar | undefined;
}

/** What came of a message that the firmware sent by itself: `queued` and `dropped` where the page was not FREE. */
export type SentOutcome = "sent" | "dropped" | "queued";

/** A notification or a delayed response, and whether it was written into the agent's platform-to-agent page. */
export interface SentByFirmware extends SmcMessage {
  readonly agentId: number;
  readonly outcome: SentOutcome;
}

/** `smc.forwarded`: an SMC that reached the firmware, and all that the firmware did because of it. */
export interface SmcForwarded {
  /** `below` is a simulation ringing the firmware itself. */
  readonly origin: "domain" | "xen" | "below";
  /** Address of the caller's page. */
  readonly shmem: number;
  readonly writes: readonly PageWrite[];
  /** x0..x7. */
  readonly x: readonly bigint[];
  /** Agent by whom the firmware takes the caller (by function id), or null. */
  readonly caller: number | null;
  readonly request: SmcMessage | null;
  /** x0..x3. */
  readonly xOut: readonly bigint[];
  readonly response: SmcResponse | null;
  readonly effects: readonly SmcEffect[];
  /** Notifications that it raised, in order; left out where there are none. */
  readonly notifications?: readonly SentByFirmware[];
}

/** `scmi.completed`: an asynchronous command is done; `sent` holds its delayed response and what it raised, in order. */
export interface ScmiCompleted {
  /** The command as the agent sent it. */
  readonly request: SmcMessage;
  /** What it came to: an SCMI status as i32. */
  readonly status: number;
  readonly effects: readonly SmcEffect[];
  readonly sent: readonly SentByFirmware[];
}

/** `p2a.acknowledged`: an agent set its platform-to-agent page FREE; what had waited for that went out. */
export interface P2aAcknowledged {
  /** Address of the page. */
  readonly page: number;
  /** What lay in it. */
  readonly message: SmcMessage;
  readonly effects: readonly SmcEffect[];
  readonly sent: readonly SentByFirmware[];
}

/** `sensor.changed`: a sensor of the board has new readings, and the firmware told who wants to know. */
export interface SensorChanged {
  readonly sensorId: number;
  /** One for each axis, or the sensor's own. */
  readonly readings: readonly number[];
  readonly effects: readonly SmcEffect[];
  readonly sent: readonly SentByFirmware[];
}

/** Why an SMC did not reach the firmware. */
export type SmcRefusal =
  | "owner-not-sip"
  | "no-mediator"
  | "sci-off"
  | "foreign-function-id"
  | "unprivileged"
  | "channel-busy"
  | "no-management-channel";

/** `smc.refused`: nobody handled it (x0 = -1), or Xen could not send on its own channel. */
export interface SmcRefused {
  readonly origin: "domain" | "xen";
  readonly reason: SmcRefusal;
  readonly shmem: number | null;
  readonly writes: readonly PageWrite[];
  readonly x: readonly bigint[];
}

/** `agent.reset`: what came of BASE_RESET_AGENT_CONFIGURATION. */
export interface AgentReset {
  readonly permissions: "reset" | "kept";
  /** SCMI status of the answer, or null: none came. */
  readonly status: string | null;
  readonly errno: Errno | null;
  readonly cause: DestroyCause | "request";
}

/** A kind of request that was refused before the machine was asked. */
export interface RefusedRequest {
  /** Stable code of the refusal. */
  readonly code: string;
  readonly method: string;
  /** Path of the request, at most 200 characters. */
  readonly path: string;
  /** Name of the caller's token; null: it had none that is known. */
  readonly actor: string | null;
  readonly address: string;
  /** How many there were. */
  readonly count: number;
}

/** `request.refused`: somebody tried what it may not, or what makes no sense. Many of them share one event. */
export interface RequestsRefused {
  readonly requests: readonly RefusedRequest[];
  /** How many more there were that had no room. */
  readonly others: number;
}

/** `audit.read`: an auditor read what is kept for the audit. */
export interface AuditRead {
  readonly path: string;
  /** The question as it was asked, without its place in a list; may be empty. */
  readonly query: string;
}

/** What each type of event carries beside the envelope. */
export interface EventData {
  "host.configured": HostConfigured;
  "host.booted": HostBooted;
  "mediator.probed": MediatorProbed;
  "mediator.probe-failed": MediatorProbeFailed;
  "domain.created": DomainCreated;
  "domain.creation-refused": DomainCreationRefused;
  "domain.destroyed": DomainDestroyed;
  "domain.destroy-refused": DomainDestroyRefused;
  "domain.shutdown": DomainShutdown;
  "device.assigned": DeviceAssigned;
  "device.assignment-refused": DeviceAssignmentRefused;
  "smc.forwarded": SmcForwarded;
  "smc.refused": SmcRefused;
  "agent.reset": AgentReset;
  "scmi.completed": ScmiCompleted;
  "p2a.acknowledged": P2aAcknowledged;
  "sensor.changed": SensorChanged;
  "request.refused": RequestsRefused;
  "audit.read": AuditRead;
  "trace.imported": TraceImported;
  "scmi.observed": ScmiObserved;
  "xen.observed": XenObserved;
}

export type EventType = keyof EventData;

/** An event as decide yields it: place, subject and data. Time, command and actor belong to its command. */
export type MachineEvent<T extends EventType = EventType> = {
  [Type in T]: {
    readonly type: Type;
    readonly seq: number;
    readonly epoch: number;
    readonly domid: number | null;
    readonly agentId: number | null;
    readonly data: EventData[Type];
  };
}[T];
