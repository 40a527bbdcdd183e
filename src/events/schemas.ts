import { z } from "zod";
import { ERRNO, type Errno } from "#base/errno.ts";
import { fromHex } from "#base/hex.ts";
import { SHUTDOWN_ACTIONS } from "#config/xlcfg/guest.ts";
import { scmiObserved, traceImported, xenObserved } from "./observed-schemas.ts";
import type { EventType } from "./types.ts";

const errno = z.enum(Object.keys(ERRNO) as [Errno, ...Errno[]]);
const u32 = z.int().min(0).max(0xffff_ffff);
const address = z.int().min(0);
const action = z.enum(SHUTDOWN_ACTIONS);
const origin = z.enum(["dom0", "dom0less", "toolstack"]);
const domainConfig = z.strictObject({
  sci: z.strictObject({ type: z.string(), agentId: u32 }),
  dtdev: z.array(z.string()),
  passthrough: z.boolean(),
  onPoweroff: action,
  onReboot: action,
  onCrash: action,
  xlcfg: z.string().optional(),
});
const cause = z.enum(["destroy", "restart", "host-reboot"]);
const channel = z.strictObject({ agentId: u32, funcId: u32, shmem: address });

const bytes = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform((hex) => fromHex(hex) as Uint8Array);
const message = { header: u32, payload: bytes };
const effect = z.strictObject({
  table: z.string(),
  row: z.int().min(0),
  column: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
});
const sent = z.strictObject({
  agentId: u32,
  ...message,
  outcome: z.enum(["sent", "dropped", "queued"]),
});

/** How a type of event is declared: its code in the log, its version, what it says, and what its data must look like. */
export interface EventDeclaration {
  /** Number of the type in the log: append-only, never reused. */
  readonly code: number;
  readonly version: number;
  readonly doc: string;
  /** Shape of the data in the log's JSON; null for the types that are packed (the SMC events). */
  readonly data: z.ZodType | null;
}

/** Every type of event. The event catalogue in docs/events.md is generated from it. */
export const EVENTS: { readonly [Type in EventType]: EventDeclaration } = {
  "host.configured": {
    code: 1,
    version: 1,
    doc: "The host was given its board, its device tree and Xen's command line: all that the machine is built from.",
    data: z.strictObject({
      board: z.record(z.string(), z.unknown()),
      deviceTreeDigest: z.string().length(64),
      cmdline: z.string(),
      autostart: z.array(z.strictObject({ file: z.string(), text: z.string() })),
      // Their bytes lie behind the device tree's, in this order.
      partialTrees: z.array(z.strictObject({ domain: z.string(), bytes: z.int().min(0) })).exactOptional(),
      ruleVersion: z.int().min(1),
    }),
  },
  "host.booted": {
    code: 2,
    version: 1,
    doc: "A new epoch: the firmware is at power-on state, and Xen knows no domain and no channel yet.",
    data: z.strictObject({ cause: z.enum(["cold", "reboot", "crash"]) }),
  },
  "mediator.probed": {
    code: 3,
    version: 1,
    doc: "The SCI mediator registered: the multi-agent one with its management agent and its channels, the single-agent one with the function id of its node.",
    data: z.discriminatedUnion("mode", [
      z.strictObject({
        mode: z.literal("multi-agent"),
        node: z.string(),
        managementAgent: u32,
        reportedAgents: z.int().min(0).max(0xff),
        channels: z.array(channel),
      }),
      z.strictObject({
        mode: z.literal("single-agent"),
        node: z.string(),
        passthrough: z.boolean(),
        channels: z.array(channel),
      }),
    ]),
  },
  "mediator.probe-failed": {
    code: 4,
    version: 1,
    doc: "A step of the probe failed; Xen boots on, without this mediator.",
    data: z.strictObject({
      node: z.string(),
      step: z.int().min(1).max(16),
      errno,
      message: z.string(),
      listEmptied: z.boolean(),
      channel: channel.optional(),
      channels: z.array(channel).optional(),
    }),
  },
  "domain.created": {
    code: 5,
    version: 1,
    doc: "A domain exists; with an agent, it owns that agent's channel.",
    data: z.strictObject({
      uuid: z.string(),
      name: z.string(),
      origin,
      config: domainConfig,
      agent: u32.nullable(),
      channel: z.int().min(0).nullable(),
      iomem: z.strictObject({ address, bytes: z.int().min(0) }).optional(),
    }),
  },
  "domain.creation-refused": {
    code: 6,
    version: 1,
    doc: "A domain was not created: the toolstack refused (no domid used) or Xen did (its domid is used up).",
    data: z.strictObject({
      name: z.string(),
      origin,
      config: domainConfig.nullable(),
      stage: z.enum(["toolstack", "xen"]),
      errno,
      message: z.string(),
      panic: z.boolean(),
    }),
  },
  "domain.destroyed": {
    code: 7,
    version: 1,
    doc: "A domain is gone and its channel is free.",
    data: z.strictObject({
      uuid: z.string(),
      name: z.string(),
      cause,
      relinquish: z.enum(["reset", "tolerated", "none"]),
    }),
  },
  "domain.destroy-refused": {
    code: 8,
    version: 1,
    doc: "A domain could not be destroyed. Where it is dying now, it keeps its agent until a later destroy succeeds.",
    data: z.strictObject({ errno, message: z.string(), dying: z.boolean() }),
  },
  "domain.shutdown": {
    code: 9,
    version: 1,
    doc: "A guest ended itself; the toolstack then did what its on_poweroff, on_reboot or on_crash says.",
    data: z.strictObject({
      reason: z.enum(["poweroff", "reboot", "crash"]),
      action,
      renamedTo: z.string().optional(),
      newUuid: z.string().optional(),
    }),
  },
  "device.assigned": {
    code: 10,
    version: 1,
    doc: "A device was assigned to a domain: permissions were sent for the SCMI devices listed, and the IOMMU stage agreed.",
    data: z.strictObject({
      path: z.string(),
      deviceIds: z.array(u32),
      sci: errno.nullable(),
      iommu: errno.nullable(),
      protected: z.boolean(),
      controlled: z.boolean(),
    }),
  },
  "device.assignment-refused": {
    code: 11,
    version: 1,
    doc: "A device was not assigned. What was granted before the failure stays granted.",
    data: z.strictObject({
      path: z.string(),
      errno,
      message: z.string(),
      granted: z.array(u32),
      protected: z.boolean(),
      panic: z.boolean(),
    }),
  },
  "smc.forwarded": {
    code: 12,
    version: 1,
    doc: "An SMC reached the firmware, from a domain or from Xen's own channel, with all that the firmware did because of it.",
    data: null,
  },
  "smc.refused": {
    code: 13,
    version: 1,
    doc: "An SMC did not reach the firmware: nobody handled it, or Xen found its own channel busy.",
    data: null,
  },
  "agent.reset": {
    code: 14,
    version: 1,
    doc: "What came of asking the firmware to reset an agent.",
    data: z.strictObject({
      permissions: z.enum(["reset", "kept"]),
      status: z.string().nullable(),
      errno: errno.nullable(),
      cause: z.enum(["destroy", "restart", "host-reboot", "request"]),
    }),
  },
  "scmi.completed": {
    code: 15,
    version: 1,
    doc: "The firmware finished a command that an agent had asked for asynchronously, and sent the delayed response.",
    data: z.strictObject({
      request: z.strictObject(message),
      status: z.int().min(-0x8000_0000).max(0x7fff_ffff),
      effects: z.array(effect),
      sent: z.array(sent),
    }),
  },
  "p2a.acknowledged": {
    code: 16,
    version: 1,
    doc: "An agent set its platform-to-agent page FREE again; a message that had waited for that took its place.",
    data: z.strictObject({
      page: address,
      message: z.strictObject(message),
      effects: z.array(effect),
      sent: z.array(sent),
    }),
  },
  "sensor.changed": {
    code: 17,
    version: 1,
    doc: "A sensor of the board has new readings; the firmware told who asked for trip points that it passed, or for updates.",
    data: z.strictObject({
      sensorId: z.int().min(0),
      readings: z.array(z.int()),
      effects: z.array(effect),
      sent: z.array(sent),
    }),
  },
  "request.refused": {
    code: 18,
    version: 1,
    doc: "Requests were refused before the machine was asked: the caller was not let in, may not do that, or asked for nonsense. A flood of them shares one event.",
    data: z.strictObject({
      requests: z.array(
        z.strictObject({
          code: z.string(),
          method: z.string(),
          path: z.string(),
          actor: z.string().nullable(),
          address: z.string(),
          count: z.int().min(1),
        }),
      ),
      others: z.int().min(0),
    }),
  },
  "audit.read": {
    code: 19,
    version: 1,
    doc: "An auditor read what is kept for the audit.",
    data: z.strictObject({ path: z.string(), query: z.string() }),
  },
  "trace.imported": {
    code: 20,
    version: 1,
    doc: "A trace of a real machine was read into this log. The events that follow, up to the next trace, were observed there, not decided here.",
    data: traceImported,
  },
  "scmi.observed": {
    code: 21,
    version: 1,
    doc: "A real machine's agent sent a command and got its answer, or its firmware sent a message by itself. The event's agent is the one that the importer was told.",
    data: scmiObserved,
  },
  "xen.observed": {
    code: 22,
    version: 1,
    doc: "A real machine's Xen said something about SCMI on its console.",
    data: xenObserved,
  },
};

const BY_CODE = new Map<number, EventType>(
  (Object.keys(EVENTS) as EventType[]).map((type) => [EVENTS[type].code, type]),
);

/** The type that a code in the log stands for, or undefined: written by a newer version, or not a log. */
export function eventTypeOf(code: number): EventType | undefined {
  return BY_CODE.get(code);
}
