import { bit, bits, from, i32, inUnit, list, name16, record, u32, u64, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { agentId, COMMON, extendedName, notifyEnable } from "./common.ts";

/** The version of SCMI 4.0: several limits a domain, and averaging intervals told apart into MAI and CAI. */
export const POWERCAP_3 = 0x3_0000;

/** Concurrent limits that a domain can have: it counts them in four bits. */
export const POWERCAP_LIMITS = 15;

/** Parent of a domain that has none. */
export const NO_PARENT = 0xffff_ffff;

/** What powers of a domain are given in. */
export const POWER_UNITS = { ABSTRACT: 0, MICROWATTS: 1, MILLIWATTS: 2 } as const;

const interval = word({ unit: "µs" });
const limit = word({ doc: "number of the concurrent limit" });
const cpli = from(POWERCAP_3, limit);
const power = word({ doc: "in the domain's unit" });
const powerCap = word({ doc: "in the domain's unit; 0: not capped, from version 0x20000 on" });
const reserved = word({ bits: {} });

/**
 * Power capping protocol, with the fields of 3.0 (SCMI 4.0), where PAI became MAI.
 *
 * @see Arm DEN0056, "Power capping and monitoring protocol"
 */
export const POWERCAP = protocol({
  name: "powercap",
  protocolId: 0x18,
  version: POWERCAP_3,
  doc: "Limits of the power that domains consume, and measuring it.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "3.1",
      doc: "How many power capping domains there are.",
      a2p: {},
      p2a: { status: i32, attributes: word({ bits: { domains: bits(15, 0, "number of domains") } }) },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: {
      ...COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
      p2a: {
        status: i32,
        attributes: word({ bits: { fastChannel: bit(0, "a domain has a fast channel for it") } }),
      },
    },
    POWERCAP_DOMAIN_ATTRIBUTES: {
      id: 0x3,
      since: "3.1",
      doc: "What a domain can do, its name, the range of its limits and intervals, and its parent.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            capChangeNotificationsUpTo2: bit(31, "tells of changes of the cap, up to version 2.0"),
            measurementNotifications: bit(30, "tells of changes of the power"),
            asyncCapSet: bit(29, "the cap can be set asynchronously"),
            extendedName: bit(28, "POWERCAP_DOMAIN_NAME_GET has a longer name"),
            capConfigurable: bit(27, "the cap can be set"),
            monitoring: bit(26, "the power is measured"),
            paiConfigurable: bit(25, "the averaging interval can be set"),
            unit: bits(24, 23, "of powers", POWER_UNITS),
            fastChannels: bit(22, "has fast channels"),
            capChangeNotifications: bit(21, "tells of changes of the cap, from version 3.0 on"),
            caiConfigurable: bit(20, "the capping interval can be set, from version 3.0 on"),
            limits: bits(18, 15, "number of concurrent limits, from version 3.0 on"),
          },
        }),
        name: name16,
        minPai: interval,
        maxPai: interval,
        paiStep: interval,
        minPowerCap: power,
        maxPowerCap: power,
        powerCapStep: power,
        sustainablePower: power,
        accuracy: word({ doc: "of measurements" }),
        parentId: word({ values: { NONE: NO_PARENT } }),
        minCai: from(POWERCAP_3, interval),
        maxCai: from(POWERCAP_3, interval),
        caiStep: from(POWERCAP_3, interval),
      },
    },
    POWERCAP_CAP_GET: {
      id: 0x4,
      since: "3.1",
      doc: "The cap of a domain.",
      a2p: { domainId: u32, cpli },
      p2a: { status: i32, powerCap },
    },
    POWERCAP_CAP_SET: {
      id: 0x5,
      since: "3.1",
      doc: "Sets the cap of a domain.",
      a2p: {
        domainId: u32,
        cpli,
        flags: word({
          bits: {
            async: bit(1, "answer before it is done"),
            ignoreDelayedResponse: bit(0, "send no delayed response"),
          },
        }),
        powerCap,
      },
      p2a: { status: i32 },
    },
    POWERCAP_PAI_GET: {
      id: 0x6,
      since: "3.1",
      doc: "The interval over which a domain's power is averaged. From 3.0 on POWERCAP_MAI_GET.",
      a2p: { domainId: u32 },
      p2a: { status: i32, interval },
    },
    POWERCAP_PAI_SET: {
      id: 0x7,
      since: "3.1",
      doc: "Sets the interval over which a domain's power is averaged. From 3.0 on POWERCAP_MAI_SET.",
      a2p: { domainId: u32, flags: reserved, interval },
      p2a: { status: i32 },
    },
    POWERCAP_DOMAIN_NAME_GET: {
      id: 0x8,
      since: "3.1",
      doc: "The long name of a domain.",
      a2p: { domainId: u32 },
      p2a: extendedName,
    },
    POWERCAP_MEASUREMENTS_GET: {
      id: 0x9,
      since: "3.1",
      doc: "The average power of a domain, and the interval that it is the average of.",
      a2p: { domainId: u32 },
      p2a: { status: i32, averagePower: power, interval },
    },
    POWERCAP_CAP_NOTIFY: {
      id: 0xa,
      since: "3.1",
      doc: "Asks for notifications of changes of a domain's cap or interval.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    POWERCAP_MEASUREMENTS_NOTIFY: {
      id: 0xb,
      since: "3.1",
      doc: "Asks for notifications of a domain's power leaving the thresholds.",
      a2p: { domainId: u32, notifyEnable, thresholdLow: power, thresholdHigh: power },
      p2a: { status: i32 },
    },
    POWERCAP_DESCRIBE_FASTCHANNEL: {
      id: 0xc,
      since: "3.1",
      doc: "Where the fast channel of a message about a domain lies.",
      a2p: { domainId: u32, messageId: u32, cpli },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            doorbellWidth: bits(2, 1, "of the doorbell", { BITS_8: 0, BITS_16: 1, BITS_32: 2, BITS_64: 3 }),
            doorbell: bit(0, "there is a doorbell"),
          },
        }),
        rateLimit: word({
          bits: { rateLimit: bits(19, 0, "shortest time between two requests, µs; 0: none") },
        }),
        chanAddr: u64,
        chanSize: inUnit("bytes", u32),
        doorbellAddr: u64,
        doorbellSetMask: u64,
        doorbellPreserveMask: u64,
      },
    },
    POWERCAP_CPC_ATTRIBUTES: {
      id: 0xd,
      since: "4.0",
      from: POWERCAP_3,
      doc: "The concurrent limits of a domain, from number `descIndex` on.",
      a2p: { domainId: u32, descIndex: u32 },
      p2a: {
        status: i32,
        numCpl: word({
          bits: {
            remaining: bits(31, 16, "limits after these"),
            returned: bits(15, 0, "limits in this message"),
          },
        }),
        limits: list(
          record({
            cpli: limit,
            flags: word({ bits: { capConfigurable: bit(0, "the cap can be set") } }),
            minPowerCap: power,
            maxPowerCap: power,
            powerCapStep: power,
            minCai: interval,
            maxCai: interval,
            caiStep: interval,
            name: name16,
          }),
        ),
      },
      iteration: {
        index: "descIndex",
        returned: "numCpl.returned",
        remaining: "numCpl.remaining",
        list: "limits",
      },
    },
    POWERCAP_CAI_GET: {
      id: 0xe,
      since: "4.0",
      from: POWERCAP_3,
      doc: "The interval over which a limit of a domain caps its power.",
      a2p: { domainId: u32, cpli: limit },
      p2a: { status: i32, interval },
    },
    POWERCAP_CAI_SET: {
      id: 0xf,
      since: "4.0",
      from: POWERCAP_3,
      doc: "Sets the interval over which a limit of a domain caps its power.",
      a2p: { domainId: u32, flags: reserved, interval, cpli: limit },
      p2a: { status: i32 },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    POWERCAP_CAP_SET_COMPLETE: {
      kind: "delayed",
      id: 0x5,
      since: "3.1",
      doc: "An asynchronous POWERCAP_CAP_SET is done.",
      p2a: { status: i32, domainId: u32, powerCap, cpli },
    },
    POWERCAP_CAP_CHANGED: {
      kind: "notification",
      id: 0x0,
      since: "3.1",
      doc: "A domain's cap or averaging interval has changed.",
      p2a: { agentId, domainId: u32, powerCap, interval, cpli },
    },
    POWERCAP_MEASUREMENTS_CHANGED: {
      kind: "notification",
      id: 0x1,
      since: "3.1",
      doc: "A domain's power has left the thresholds.",
      p2a: { agentId, domainId: u32, power, interval: from(POWERCAP_3, interval) },
    },
  },
});
