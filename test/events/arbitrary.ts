import fc from "fast-check";
import { ERRNO, type Errno } from "#base/errno.ts";
import { toHex } from "#base/hex.ts";
import { OBSERVED_KINDS, OBSERVED_OUTCOMES, TRACE_SOURCES } from "#events/observed.ts";
import type { EventData, EventType, MachineEvent, SentByFirmware, SmcEffect } from "#events/types.ts";

/** Events of every type, with data as wide as their types allow. */

const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const u64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }));
/** Below 2^48, as channels' pages are. */
const address = fc.integer({ min: 0, max: 0xffff_ffff_ffff });
const bytes = fc.uint8Array({ maxLength: 80 });
const text = fc.string({ unit: "binary", maxLength: 20 });
const errno = fc.constantFrom(...(Object.keys(ERRNO) as Errno[]));
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const action = fc.constantFrom(
  "destroy" as const,
  "restart" as const,
  "rename-restart" as const,
  "preserve" as const,
  "coredump-destroy" as const,
  "coredump-restart" as const,
  "soft-reset" as const,
);
const config = fc
  .record(
    {
      sci: fc.record({ type: text, agentId: u32 }),
      dtdev: fc.array(text, { maxLength: 3 }),
      passthrough: fc.boolean(),
      onPoweroff: action,
      onReboot: action,
      onCrash: action,
      xlcfg: text,
    },
    { requiredKeys: ["sci", "dtdev", "passthrough", "onPoweroff", "onReboot", "onCrash"] },
  )
  .map((made) => ({ ...made }));
const origin = fc.constantFrom("dom0" as const, "dom0less" as const, "toolstack" as const);
const cause = fc.constantFrom("destroy" as const, "restart" as const, "host-reboot" as const);
const message = { header: u32, payload: bytes };
const value = fc.oneof(
  fc.boolean(),
  fc.integer({ min: -1000, max: Number.MAX_SAFE_INTEGER }),
  text,
  fc.constant(null),
  fc.constant(undefined),
);
const effects: fc.Arbitrary<SmcEffect[]> = fc.array(
  fc.record({ table: text, row: u32, column: text, value }),
  {
    maxLength: 3,
  },
);
const sent: fc.Arbitrary<SentByFirmware> = fc.record({
  agentId: u8,
  outcome: fc.constantFrom("sent" as const, "dropped" as const, "queued" as const),
  ...message,
});
const writes = fc.array(fc.record({ offset: fc.integer({ min: 0, max: 0xfff }), bytes }), { maxLength: 3 });
const x = fc.array(u64, { minLength: 8, maxLength: 8 });

/** What JSON can tell apart, which 0 and -0 are not. */
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((made): unknown =>
    JSON.parse(JSON.stringify(made, (key, part) => (key === "__proto__" ? undefined : part))),
  );

const channel = fc.record({ agentId: u32, funcId: u32, shmem: address });

/** What each type's data can be. */
const DATA: { readonly [Type in EventType]: fc.Arbitrary<EventData[Type]> } = {
  "host.configured": fc
    .record(
      {
        board: fc.dictionary(fc.stringMatching(/^[a-z]{0,6}$/), json) as unknown as fc.Arbitrary<
          EventData["host.configured"]["board"]
        >,
        deviceTreeDigest: fc.string({
          unit: fc.constantFrom(..."0123456789abcdef"),
          minLength: 64,
          maxLength: 64,
        }),
        deviceTree: fc.uint8Array({ maxLength: 300 }),
        cmdline: text,
        autostart: fc.array(fc.record({ file: text, text }), { maxLength: 2 }),
        partialTrees: fc.array(fc.record({ domain: text, tree: bytes }), { minLength: 1, maxLength: 3 }),
        ruleVersion: fc.integer({ min: 1, max: 9 }),
      },
      {
        requiredKeys: ["board", "deviceTreeDigest", "deviceTree", "cmdline", "autostart", "ruleVersion"],
      },
    )
    .map((made) => ({ ...made })),
  "host.booted": fc.record({ cause: fc.constantFrom("cold" as const, "reboot" as const, "crash" as const) }),
  "mediator.probed": fc.oneof(
    fc.record({
      mode: fc.constant("multi-agent" as const),
      node: text,
      managementAgent: u32,
      reportedAgents: u8,
      channels: fc.array(channel, { maxLength: 4 }),
    }),
    fc.record({
      mode: fc.constant("single-agent" as const),
      node: text,
      passthrough: fc.boolean(),
      channels: fc.array(channel, { maxLength: 1 }),
    }),
  ),
  "mediator.probe-failed": fc.record(
    {
      node: text,
      step: fc.integer({ min: 1, max: 16 }),
      errno,
      message: text,
      listEmptied: fc.boolean(),
      channel,
    },
    { requiredKeys: ["node", "step", "errno", "message", "listEmptied"] },
  ),
  "domain.created": fc.record(
    {
      uuid: text,
      name: text,
      origin,
      config,
      agent: maybe(u32),
      channel: maybe(u8),
      iomem: fc.record({ address, bytes: u32 }),
    },
    { requiredKeys: ["uuid", "name", "origin", "config", "agent", "channel"] },
  ),
  "domain.creation-refused": fc.record({
    name: text,
    origin,
    config: maybe(config),
    stage: fc.constantFrom("toolstack" as const, "xen" as const),
    errno,
    message: text,
    panic: fc.boolean(),
  }),
  "domain.destroyed": fc.record({
    uuid: text,
    name: text,
    cause,
    relinquish: fc.constantFrom("reset" as const, "tolerated" as const, "none" as const),
  }),
  "domain.destroy-refused": fc.record({ errno, message: text, dying: fc.boolean() }),
  "domain.shutdown": fc.record(
    {
      reason: fc.constantFrom("poweroff" as const, "reboot" as const, "crash" as const),
      action,
      renamedTo: text,
    },
    { requiredKeys: ["reason", "action"] },
  ),
  "device.assigned": fc.record({
    path: text,
    deviceIds: fc.array(u32, { maxLength: 3 }),
    sci: maybe(errno),
    iommu: maybe(errno),
    protected: fc.boolean(),
    controlled: fc.boolean(),
  }),
  "device.assignment-refused": fc.record({
    path: text,
    errno,
    message: text,
    granted: fc.array(u32, { maxLength: 3 }),
    protected: fc.boolean(),
    panic: fc.boolean(),
  }),
  "smc.forwarded": fc.record(
    {
      origin: fc.constantFrom("domain" as const, "xen" as const, "below" as const),
      shmem: address,
      writes,
      x,
      caller: maybe(u8),
      request: maybe(fc.record(message)),
      xOut: fc.array(u64, { minLength: 4, maxLength: 4 }),
      response: maybe(fc.record({ ...message, channelStatus: u32, length: u32 })),
      effects,
      notifications: fc.array(sent, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ["origin", "shmem", "writes", "x", "caller", "request", "xOut", "response", "effects"] },
  ),
  "smc.refused": fc.record({
    origin: fc.constantFrom("domain" as const, "xen" as const),
    reason: fc.constantFrom(
      "owner-not-sip" as const,
      "no-mediator" as const,
      "sci-off" as const,
      "unprivileged" as const,
      "foreign-function-id" as const,
      "channel-busy" as const,
      "no-management-channel" as const,
    ),
    shmem: maybe(address),
    writes,
    x,
  }),
  "agent.reset": fc.record({
    permissions: fc.constantFrom("reset" as const, "kept" as const),
    status: maybe(text),
    errno: maybe(errno),
    cause: fc.oneof(cause, fc.constant("request" as const)),
  }),
  "sensor.changed": fc.record({
    sensorId: u32,
    readings: fc.array(fc.maxSafeInteger(), { maxLength: 3 }),
    effects,
    sent: fc.array(sent, { maxLength: 2 }),
  }),
  "scmi.completed": fc.record({
    request: fc.record(message),
    status: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
    effects,
    sent: fc.array(sent, { maxLength: 2 }),
  }),
  "p2a.acknowledged": fc.record({
    page: address,
    message: fc.record(message),
    effects,
    sent: fc.array(sent, { maxLength: 2 }),
  }),
  "request.refused": fc.record({
    requests: fc.array(
      fc.record({
        code: text,
        method: text,
        path: text,
        actor: maybe(text),
        address: text,
        count: fc.integer({ min: 1, max: 1000 }),
      }),
      { maxLength: 3 },
    ),
    others: fc.integer({ min: 0, max: 1000 }),
  }),
  "audit.read": fc.record({ path: text, query: text }),
  "trace.imported": fc.record({
    source: fc.constantFrom(...TRACE_SOURCES),
    file: text,
    bytes: u32,
    digest: fc.stringMatching(/^[0-9a-f]{64}$/),
    lines: u32,
    counts: fc.dictionary(fc.constantFrom("answered", "timed-out", "damaged", "lost"), u32, {
      noNullPrototype: true,
    }),
    faults: fc.array(fc.record({ line: fc.integer({ min: 1, max: 999 }), why: text }), { maxLength: 2 }),
  }),
  "scmi.observed": fc.record({
    trace: fc.integer({ min: 1, max: 999 }),
    line: fc.integer({ min: 1, max: 999 }),
    timeUs: maybe(address),
    endTimeUs: maybe(address),
    kind: fc.constantFrom(...OBSERVED_KINDS),
    protocolId: u8,
    messageId: u8,
    token: fc.integer({ min: 0, max: 0xffff }),
    instance: maybe(u8),
    channel: maybe(u8),
    task: maybe(text),
    request: maybe(bytes.map(toHex)),
    status: maybe(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
    response: maybe(bytes.map(toHex)),
    outcome: maybe(fc.constantFrom(...OBSERVED_OUTCOMES)),
    errno: maybe(fc.integer({ min: -4095, max: 0 })),
  }),
  "xen.observed": fc.record({
    trace: fc.integer({ min: 1, max: 999 }),
    line: fc.integer({ min: 1, max: 999 }),
    timeUs: maybe(address),
    message: text,
    fields: fc.dictionary(fc.constantFrom("agentId", "errno", "domid"), fc.oneof(u32, text), {
      noNullPrototype: true,
    }),
    text,
  }),
};

/** An event of a type. */
export function eventOf<T extends EventType>(type: T): fc.Arbitrary<MachineEvent> {
  return fc
    .record({
      seq: fc.integer({ min: 1, max: 1000 }),
      epoch: fc.integer({ min: 0, max: 9 }),
      domid: maybe(fc.integer({ min: 0, max: 0x7fff })),
      agentId: maybe(fc.integer({ min: 0, max: 0xffff_fffe })),
      data: DATA[type] as fc.Arbitrary<EventData[T]>,
    })
    .map((event) => ({ type, ...event }) as unknown as MachineEvent);
}
