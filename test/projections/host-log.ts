import type { FirmwareConfig } from "#config/board/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE, LATER_XEN } from "#config/board/defaults.ts";
import { type Envelope, type LoggedEvent, SOURCES } from "#events/logged.ts";
import type { EventData, EventType, MachineEvent, SmcForwarded, SmcMessage } from "#events/types.ts";
import { openProjections, type ProjectionSet } from "#projections/catalogue.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { LogWriter } from "#store/log-writer.ts";
import { buildDtb, cells, type DtbNode } from "../support/fdt-builder.ts";

/** An event before it has its place in a log. */
export type Draft<T extends EventType = EventType> = {
  [Type in T]: {
    readonly type: Type;
    readonly data: EventData[Type];
    readonly domid: number | null;
    readonly agentId: number | null;
  };
}[T];

export function event<T extends EventType>(
  type: T,
  data: EventData[T],
  subject: { readonly domid?: number; readonly agentId?: number } = {},
): Draft {
  return { type, data, domid: subject.domid ?? null, agentId: subject.agentId ?? null } as Draft;
}

/** Time of the event `seq` in these logs: a second apart, from 2026-11-20. */
export function timeOf(seq: number): number {
  return 1_795_132_800_000_000 + seq * 1_000_000;
}

/** A log (in memory, unless one is given) with its projections, written as control writes it. */
export class HostLog {
  readonly db: Database;
  projections: ProjectionSet;
  readonly #writer: LogWriter;
  #seq = 0;
  #command = 0;
  #epoch = 0;

  constructor(db: Database = openInMemory()) {
    this.db = db;
    this.projections = openProjections(db);
    this.#writer = new LogWriter(db);
  }

  get headSeq(): number {
    return this.#seq;
  }

  /** Appends a command with its events. Every event is at a second of its own. */
  command(kind: string, drafts: readonly Draft[], reason: string | null = null): LoggedEvent[] {
    return this.db.transaction(() => {
      const events = this.append(kind, drafts, reason);
      this.projections.flush();
      return events;
    })();
  }

  /** The same inside a transaction of the caller, who flushes. */
  append(kind: string, drafts: readonly Draft[], reason: string | null = null): LoggedEvent[] {
    this.#command += 1;
    const envelope: Omit<Envelope, "timeUs"> = {
      commandId: this.#command,
      actor: `actor-${kind}`,
      source: SOURCES[0],
      reason,
      request: null,
      program: "test",
    };
    const events = drafts.map((draft): MachineEvent => {
      this.#seq += 1;
      if (draft.type === "host.booted") this.#epoch += 1;
      return { ...draft, seq: this.#seq, epoch: this.#epoch } as MachineEvent;
    });
    if (events.length === 0) return [];
    const timeUs = timeOf(events[0]?.seq as number);
    const digest = new Uint8Array(32);
    this.#writer.append({
      envelope: { ...envelope, timeUs },
      kind,
      input: null,
      events,
      digest,
      ruleVersion: 1,
    });
    const logged = events.map((made) => ({ ...made, ...envelope, timeUs }) as LoggedEvent);
    for (const one of logged) this.projections.apply(one);
    return logged;
  }

  /** Puts the place back behind event `seq` of command `commandId`: the transaction that wrote more was rolled back. */
  rewind(place: Place): void {
    ({ seq: this.#seq, command: this.#command, epoch: this.#epoch } = place);
    this.#writer.forget();
    this.projections.discard();
  }

  place(): Place {
    return { seq: this.#seq, command: this.#command, epoch: this.#epoch };
  }

  /** The log as it is read back. */
  events(): LoggedEvent[] {
    return new LogReader(this.db).events(0, 1_000_000).flatMap((found) => (isDamaged(found) ? [] : [found]));
  }

  rows(sql: string, ...params: unknown[]): unknown[] {
    return this.db.prepare(sql).all(...params);
  }
}

export interface Place {
  readonly seq: number;
  readonly command: number;
  readonly epoch: number;
}

const DEVICE_DEFAULTS = {
  powerDomains: [],
  clocks: [],
  resets: [],
  ...LATER_DEVICE,
  staticOwner: null,
} as const;

export const firmware: FirmwareConfig = {
  profile: "v32",
  switches: {},
  permissionPolicy: "device-bitmask",
  vendor: "",
  subVendor: "",
  implementationVersion: 0,
  trustedAgents: [1],
  protocols: ["power", "clock", "reset"],
  supports: {
    discoverAgent: true,
    setDevicePermissions: true,
    setProtocolPermissions: false,
    resetAgentConfiguration: true,
  },
  agents: [0, 1, 2, 3].map((id) => ({
    id,
    name: `agent-${id}`,
    funcId: 0x8200_0002 + id,
    shmem: 0x47ff_0000 + id * 0x1000,
  })),
  powerDomains: [],
  clocks: [{ id: 0, name: "uart", rates: [1], range: null, rate: 1, enabled: true, fixed: false }],
  resets: [{ id: 0, name: "i2c1" }],
  devices: [
    { ...DEVICE_DEFAULTS, id: 0, name: "i2c1", clocks: [0], resets: [0], defaultAccess: "none" },
    { ...DEVICE_DEFAULTS, id: 1, name: "gpu", defaultAccess: [0, 3] },
    { ...DEVICE_DEFAULTS, id: 7, name: "timer", clocks: [0], defaultAccess: "all" },
  ],
  deviceOwnership: "shared",
  agentCount: null,
  ...LATER_FIRMWARE,
};

const SCMI_XEN = "/chosen/xen/scmi";

/** A tree with Xen's SCMI node, one that is not Xen's, and devices that name them. */
const tree: DtbNode = {
  children: {
    chosen: {
      children: {
        xen: {
          props: { compatible: "xen,sci" },
          children: {
            scmi: {
              props: { compatible: "arm,scmi-smc", phandle: cells(1), "#access-controller-cells": cells(1) },
            },
          },
        },
      },
    },
    firewall: { props: { phandle: cells(2), "#access-controller-cells": cells(1) } },
    soc: {
      children: {
        "i2c@1": { props: { "access-controllers": cells(1, 0) } },
        "gpu@2": { props: { "access-controllers": cells(2, 0, 1, 1, 1, 7) } },
        "timer@3": { props: { "access-controllers": cells(1, 7, 1, 7) } },
      },
    },
  },
};

export function configured(config: FirmwareConfig = firmware): Draft {
  return event("host.configured", {
    board: {
      name: "test-board",
      deviceTree: "host.dtb",
      xen: {
        mediator: "multi-agent",
        version: "v10",
        smccc: "1.2",
        acpi: false,
        iommu: true,
        cmdline: "",
        ...LATER_XEN,
      },
      firmware: config,
      autostart: [],
    },
    deviceTreeDigest: "0".repeat(64),
    deviceTree: buildDtb(tree),
    cmdline: "",
    autostart: [],
    ruleVersion: 1,
  });
}

export const booted = event("host.booted", { cause: "cold" });

/** Agent 1 is Xen's own; the channels of 0, 2 and 3 follow. */
export const probed = event("mediator.probed", {
  mode: "multi-agent",
  node: SCMI_XEN,
  managementAgent: 1,
  reportedAgents: 4,
  channels: [1, 0, 2, 3].map((agentId) => ({
    agentId,
    funcId: 0x8200_0002 + agentId,
    shmem: 0x47ff_0000 + agentId * 0x1000,
  })),
});

export function probeFailed(listEmptied: boolean): Draft {
  return event("mediator.probe-failed", {
    node: "/chosen/other",
    step: listEmptied ? 12 : 2,
    errno: "EINVAL",
    message: "test",
    listEmptied,
  });
}

/** A domain on an agent's channel of {@link probed}; agent null: SCI is off. */
export function created(domid: number, agentId: number | null, name = `guest-${domid}`): Draft {
  const channel = agentId === null ? null : [1, 0, 2, 3].indexOf(agentId);
  const config = {
    sci: { type: agentId === null ? "none" : "scmi_smc_multiagent", agentId: agentId ?? 0 },
    dtdev: [],
    passthrough: true,
    onPoweroff: "destroy",
    onReboot: "restart",
    onCrash: "destroy",
  } as const;
  const data = { uuid: uuidOf(name), name, origin: "toolstack", config, agent: agentId, channel } as const;
  return event("domain.created", data, agentId === null ? { domid } : { domid, agentId });
}

export function uuidOf(name: string): string {
  return `00000000-0000-0000-0000-${name.padEnd(12, "0").slice(0, 12)}`;
}

export function destroyed(domid: number, agentId: number | null, cause: "destroy" | "host-reboot"): Draft {
  const name = `guest-${domid}`;
  const data = { uuid: uuidOf(name), name, cause, relinquish: agentId === null ? "none" : "reset" } as const;
  return event("domain.destroyed", data, agentId === null ? { domid } : { domid, agentId });
}

export function assigned(domid: number, agentId: number, path: string, deviceIds: readonly number[]): Draft {
  return event(
    "device.assigned",
    { path, deviceIds, sci: null, iommu: null, protected: true, controlled: true },
    { domid, agentId },
  );
}

export function reset(agentId: number, cause: "destroy" | "request", domid?: number): Draft {
  return event(
    "agent.reset",
    { permissions: "reset", status: "SUCCESS", errno: null, cause },
    domid === undefined ? { agentId } : { agentId, domid },
  );
}

/** An SMC of an agent's guest (or of Xen's, on agent 1) that was answered with `status`. */
export function forwarded(agentId: number, status = 0, more: Partial<SmcForwarded> = {}): Draft {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setInt32(0, status, true);
  const data: SmcForwarded = {
    origin: agentId === 1 ? "xen" : "domain",
    shmem: 0x47ff_0000 + agentId * 0x1000,
    writes: [],
    x: [BigInt(0x8200_0002 + agentId), 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    caller: agentId,
    request: { header: 0x4000, payload: new Uint8Array(0) },
    xOut: [0n, 0n, 0n, 0n],
    response: { channelStatus: 1, length: 8, header: 0x4000, payload },
    effects: [],
    ...more,
  };
  return event("smc.forwarded", data, { agentId });
}

/** What Xen's SMC made of permissions: agent, device, and allowed or (undefined) back to the default. */
export function permits(...changes: readonly [number, number, boolean | undefined][]): Draft {
  const effects = changes.map(([row, device, value]) => ({
    table: "permission",
    row,
    column: String(device),
    value,
  }));
  return forwarded(1, 0, { effects, request: permissionRequest(changes[0]) });
}

/** The message that Xen would have sent: SET_DEVICE_PERMISSIONS of a pair, or a reset. */
function permissionRequest(change: readonly [number, number, boolean | undefined] | undefined): SmcMessage {
  const [agentId = 0, deviceId = 0, allowed] = change ?? [];
  const words = allowed === undefined ? [agentId, 1] : [agentId, deviceId, Number(allowed)];
  const payload = new Uint8Array(words.length * 4);
  const view = new DataView(payload.buffer);
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true);
  return { header: allowed === undefined ? 0x400b : 0x4009, payload };
}

export function refused(agentId: number | null, domid = 1): Draft {
  return event(
    "smc.refused",
    {
      origin: "domain",
      reason: "foreign-function-id",
      shmem: null,
      writes: [],
      x: [1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    },
    agentId === null ? { domid } : { domid, agentId },
  );
}

/** A log that is configured and booted, with Xen's mediator. */
export function bootedLog(config: FirmwareConfig = firmware, db?: Database): HostLog {
  const log = new HostLog(db);
  log.command("host.configure", [configured(config), booted, probed]);
  return log;
}
