import { bit, bits, from, i32, list, name16, record, u8, u32, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON, notifyEnable } from "./common.ts";

const allow = word({ bits: { allow: bit(0, "1 allows the access, 0 denies it") } });

/**
 * Base protocol: what the platform is, which protocols and agents it has, who may touch which device.
 *
 * @see Arm DEN0056, "Base protocol"
 */
export const BASE = protocol({
  name: "base",
  protocolId: 0x10,
  version: 0x2_0001,
  doc: "What the platform is, its protocols and agents, and who may touch which device.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "How many agents there are, and how many protocols beside base.",
      a2p: {},
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            agents: bits(15, 8, "number of agents"),
            protocols: bits(7, 0, "number of protocols but base"),
          },
        }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    BASE_DISCOVER_VENDOR: {
      id: 0x3,
      since: "1.0",
      doc: "The name of the vendor.",
      a2p: {},
      p2a: { status: i32, vendorIdentifier: name16 },
    },
    BASE_DISCOVER_SUB_VENDOR: {
      id: 0x4,
      since: "1.0",
      doc: "The name of the sub-vendor.",
      a2p: {},
      p2a: { status: i32, vendorIdentifier: name16 },
    },
    BASE_DISCOVER_IMPLEMENTATION_VERSION: {
      id: 0x5,
      since: "1.0",
      doc: "The version of the platform's firmware, in the vendor's own format.",
      a2p: {},
      p2a: { status: i32, implementationVersion: u32 },
    },
    BASE_DISCOVER_LIST_PROTOCOLS: {
      id: 0x6,
      since: "1.0",
      doc: "The ids of the protocols beside base, from number `skip` on.",
      a2p: { skip: u32 },
      p2a: { status: i32, numProtocols: u32, protocols: list(u8) },
      iteration: { index: "skip", returned: "numProtocols", list: "protocols" },
    },
    BASE_DISCOVER_AGENT: {
      id: 0x7,
      since: "1.0",
      doc: "The id and name of an agent; 0xffffffff asks who the caller is.",
      a2p: { agentId: word({ values: { CALLER: 0xffff_ffff } }) },
      p2a: { status: i32, agentId: from(0x2_0000, u32), name: name16 },
    },
    BASE_NOTIFY_ERRORS: {
      id: 0x8,
      since: "1.0",
      doc: "Asks for BASE_ERROR_EVENT notifications.",
      a2p: { notifyEnable },
      p2a: { status: i32 },
    },
    BASE_SET_DEVICE_PERMISSIONS: {
      id: 0x9,
      since: "2.0",
      doc: "Allows or denies an agent a device, with every resource of it. For trusted agents.",
      a2p: { agentId: u32, deviceId: u32, flags: allow },
      p2a: { status: i32 },
    },
    BASE_SET_PROTOCOL_PERMISSIONS: {
      id: 0xa,
      since: "2.0",
      doc: "Allows or denies an agent a device's resources of one protocol. For trusted agents.",
      a2p: {
        agentId: u32,
        deviceId: u32,
        commandId: word({ bits: { protocol: bits(7, 0, "id of the protocol") } }),
        flags: allow,
      },
      p2a: { status: i32 },
    },
    BASE_RESET_AGENT_CONFIGURATION: {
      id: 0xb,
      since: "2.0",
      doc: "Takes back what an agent has set up. For trusted agents.",
      a2p: {
        agentId: u32,
        flags: word({ bits: { resetPermissions: bit(0, "take its permissions back to those at boot too") } }),
      },
      p2a: { status: i32 },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    BASE_ERROR_EVENT: {
      kind: "notification",
      id: 0x0,
      since: "1.0",
      doc: "Tells of errors in messages of an agent's.",
      p2a: {
        agentId: word({ doc: "whose messages; 0: the platform's" }),
        errorStatus: word({
          bits: { fatal: bit(31, "the platform does not go on"), reports: bits(9, 0, "number of reports") },
        }),
        msgReports: list(record({ header: u32, status: i32 })),
      },
    },
  },
});
