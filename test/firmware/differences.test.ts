import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { PROFILES, type ProfileName } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { packHeader } from "#scmi/header.ts";
import { statusName } from "#scmi/status.ts";
import { agents } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";

/**
 * The difference table of scmi-reference.md, 5.6: a row a behaviour, a column a profile. Agent 0 is trusted; agents 1 and 2 are
 * nobody's. Device 1 has reset line 0, device 2 clock 0 and power domain 0; ids 0 and 3 of devices are holes where there are any.
 */
const FIRMWARE = {
  vendor: "EPAM",
  protocols: ["power", "reset", "clock"],
  supports: { setProtocolPermissions: true },
  powerDomains: [{ id: 0, name: "pd0" }],
  clocks: [{ id: 0, name: "clk0", rates: [1, 2] }],
  resets: [{ id: 0, name: "rst0" }],
  devices: [
    { id: 1, name: "one", resets: [0] },
    { id: 2, name: "two", clocks: [0], powerDomains: [0] },
    { id: 4, name: "four" },
  ],
  levels: { 0: { default: "ALL" }, 1: { default: "SET" } },
};

const ALLOW = 1;
const DENY = 0;

/** One profile's firmware, and what is done to it. */
class Probe extends TestFirmware {
  readonly profile: ProfileName;

  constructor(profile: ProfileName, more: object = {}) {
    const text = JSON.stringify({
      name: profile,
      deviceTree: "host.dtb",
      firmware: { profile, ...FIRMWARE, agents: agents(8), ...more },
    });
    const parsed = parseBoard(text, "board.yaml");
    if (isProblem(parsed)) throw new Error(parsed.detail);
    super(parsed.firmware);
    this.profile = profile;
  }

  give(caller: number, agentId: number, deviceId: number, flags = ALLOW): string {
    return this.status(caller, "base", "BASE_SET_DEVICE_PERMISSIONS", agentId, deviceId, flags);
  }

  reset(caller: number, agentId: number, flags: number): string {
    return this.status(caller, "base", "BASE_RESET_AGENT_CONFIGURATION", agentId, flags);
  }

  line(caller: number, ...payload: number[]): string {
    return this.status(caller, "reset", "RESET", ...(payload.length === 0 ? [0, 1, 0] : payload));
  }

  raw(caller: number, protocolId: number, messageId: number, ...payload: number[]): string {
    const { response } = this.send(caller, { header: packHeader(protocolId, messageId), payload });
    return statusName((words(response?.payload ?? new Uint8Array(4))[0] ?? 0) | 0);
  }

  clock(caller: number, on: number): string {
    return this.profile === "tfa" || this.profile === "imx" || this.profile === "v32"
      ? this.status(caller, "clock", "CLOCK_CONFIG_SET", 0, on, 0)
      : this.status(caller, "clock", "CLOCK_CONFIG_SET", 0, on);
  }
}

type Row = readonly [topic: string, probe: (profile: ProfileName) => string, expected: Expected];
type Expected = { readonly [Name in ProfileName]: string };

const INVALID = "INVALID_PARAMETERS";
const UNSUPPORTED = "NOT_SUPPORTED";
const MISSING = "NOT_FOUND";
const DENIED = "DENIED";
const OK = "SUCCESS";

function columns(
  v32: string,
  ref: string,
  rcar: string,
  rpi5: string,
  tfa: string,
  scp: string,
  imx: string,
): Expected {
  return { v32, ref, "ref-rcar": rcar, "ref-rpi5": rpi5, tfa, scp, imx };
}

const ROWS: readonly Row[] = [
  [
    "0x9 is advertised",
    (profile) => new Probe(profile).status(1, "base", "PROTOCOL_MESSAGE_ATTRIBUTES", 0x9),
    columns(OK, OK, OK, OK, MISSING, OK, OK),
  ],
  [
    "0x9 by agent 0",
    (profile) => new Probe(profile).give(0, 1, 1),
    columns(OK, OK, INVALID, OK, UNSUPPORTED, OK, OK),
  ],
  [
    "what 0x9 changes: a reset line before and after it is given",
    (profile) => {
      const probe = new Probe(profile);
      const before = probe.line(1);
      probe.give(0, 1, 1);
      return `${before}, ${probe.line(1)}`;
    },
    columns(
      "DENIED, SUCCESS",
      "DENIED, SUCCESS",
      "SUCCESS, SUCCESS",
      "DENIED, SUCCESS",
      "SUCCESS, SUCCESS",
      "SUCCESS, SUCCESS",
      "DENIED, DENIED",
    ),
  ],
  [
    "and taken away",
    (profile) => {
      const probe = new Probe(profile);
      probe.give(0, 1, 1);
      probe.give(0, 1, 1, DENY);
      return probe.line(1);
    },
    // SCP as it is obeys no such command; see the switch scpPermNoop below.
    columns(DENIED, DENIED, OK, DENIED, OK, OK, DENIED),
  ],
  [
    "0x9 by an agent that nobody trusts",
    (profile) => new Probe(profile).give(1, 1, 1),
    columns(DENIED, DENIED, DENIED, DENIED, UNSUPPORTED, OK, DENIED),
  ],
  [
    "0x9 of an unknown agent",
    (profile) => new Probe(profile).give(0, 9, 1),
    columns(MISSING, INVALID, INVALID, INVALID, UNSUPPORTED, MISSING, MISSING),
  ],
  [
    "0x9 of agent 0",
    (profile) => new Probe(profile).give(0, 0, 1),
    columns(OK, OK, INVALID, OK, UNSUPPORTED, OK, MISSING),
  ],
  [
    "0x9 of an unknown device",
    (profile) => new Probe(profile).give(0, 1, 99),
    columns(MISSING, INVALID, INVALID, INVALID, UNSUPPORTED, INVALID, MISSING),
  ],
  [
    "0x9 of a hole among the devices",
    (profile) => new Probe(profile).give(0, 1, 0),
    columns(MISSING, INVALID, INVALID, INVALID, UNSUPPORTED, MISSING, MISSING),
  ],
  [
    "0x9 with reserved flags",
    (profile) => new Probe(profile).give(0, 1, 1, 2),
    columns(INVALID, OK, INVALID, OK, UNSUPPORTED, INVALID, OK),
  ],
  [
    "0x9 of a device that another agent has",
    (profile) => {
      const probe = new Probe(profile);
      probe.give(0, 1, 1);
      return probe.give(0, 2, 1);
    },
    columns(OK, OK, INVALID, DENIED, UNSUPPORTED, OK, OK),
  ],
  [
    "0xA",
    (profile) => new Probe(profile).status(0, "base", "BASE_SET_PROTOCOL_PERMISSIONS", 1, 1, 0x16, 1),
    columns(OK, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, OK, UNSUPPORTED),
  ],
  [
    "0xA on base",
    (profile) => new Probe(profile).status(0, "base", "BASE_SET_PROTOCOL_PERMISSIONS", 1, 1, 0x10, 1),
    columns(MISSING, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, DENIED, UNSUPPORTED),
  ],
  [
    "0xB with flag 0",
    (profile) => new Probe(profile).reset(0, 2, 0),
    columns(OK, OK, UNSUPPORTED, OK, UNSUPPORTED, OK, OK),
  ],
  [
    "0xB with flag 1",
    (profile) => new Probe(profile).reset(0, 2, 1),
    columns(OK, OK, UNSUPPORTED, OK, UNSUPPORTED, OK, OK),
  ],
  [
    "what 0xB with flag 0 takes back: a permission, and a clock that the agent started",
    (profile) => afterReset(profile, 0),
    columns("clock", "nothing", "nothing", "nothing", "nothing", "nothing", "clock"),
  ],
  [
    "what 0xB with flag 1 takes back",
    (profile) => afterReset(profile, 1),
    columns("permission, clock", "permission", "nothing", "permission", "nothing", "nothing", "clock"),
  ],
  [
    "default for an agent: a reset line that a device lists",
    (profile) => new Probe(profile).line(2),
    columns(DENIED, DENIED, OK, DENIED, OK, OK, DENIED),
  ],
  [
    "attributes of a resource that is denied",
    (profile) => denied(profile).status(2, "reset", "RESET_DOMAIN_ATTRIBUTES", 0),
    columns(OK, OK, OK, OK, OK, DENIED, OK),
  ],
  [
    "version while a resource is denied",
    (profile) => denied(profile).status(2, "reset", "PROTOCOL_VERSION"),
    columns(OK, OK, OK, OK, OK, OK, OK),
  ],
  [
    "unknown message",
    (profile) => new Probe(profile).raw(1, 0x14, 0x55),
    columns(UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, MISSING, UNSUPPORTED),
  ],
  [
    "attributes of an id out of range",
    (profile) => new Probe(profile).status(1, "clock", "CLOCK_ATTRIBUTES", 9),
    columns(MISSING, INVALID, INVALID, INVALID, MISSING, MISSING, MISSING),
  ],
  [
    "attributes of a reset domain out of range",
    (profile) => new Probe(profile).status(1, "reset", "RESET_DOMAIN_ATTRIBUTES", 9),
    // SCP's permissions of resets come first, and know no such line.
    columns(MISSING, INVALID, INVALID, INVALID, INVALID, DENIED, MISSING),
  ],
  [
    "RESET of a domain out of range",
    (profile) => new Probe(profile).line(0, 9, 1, 0),
    columns(MISSING, MISSING, MISSING, MISSING, MISSING, DENIED, MISSING),
  ],
  [
    "agents reported",
    (profile) => String((new Probe(profile).call(1, "base", "PROTOCOL_ATTRIBUTES")[1] ?? 0) >>> 8),
    columns("8", "8", "8", "8", "0", "7", "8"),
  ],
  [
    "agent 0's name",
    (profile) => {
      const [status = 0, , ...name] = new Probe(profile).call(1, "base", "BASE_DISCOVER_AGENT", 0);
      if (status !== 0) return statusName(status | 0);
      const bytes = name.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
      return String.fromCharCode(...bytes.slice(0, bytes.indexOf(0)));
    },
    columns("agent-0", "agent-0", "agent-0", "agent-0", UNSUPPORTED, "platform", "platform"),
  ],
  [
    "BASE_DISCOVER_AGENT of an unknown id",
    (profile) => new Probe(profile).status(1, "base", "BASE_DISCOVER_AGENT", 9),
    columns(MISSING, INVALID, INVALID, INVALID, UNSUPPORTED, MISSING, MISSING),
  ],
  [
    "BASE_DISCOVER_LIST_PROTOCOLS beyond the end",
    (profile) => new Probe(profile).status(1, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 4),
    columns(INVALID, OK, OK, OK, OK, INVALID, INVALID),
  ],
  [
    "BASE_DISCOVER_LIST_PROTOCOLS at the end",
    (profile) => new Probe(profile).status(1, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 3),
    columns(INVALID, OK, OK, OK, OK, OK, INVALID),
  ],
  [
    "a clock that two agents started and one stopped",
    (profile) => {
      const probe = new Probe(profile, { devices: [] });
      for (const [agentId, on] of [
        [0, 1],
        [1, 1],
        [0, 0],
      ] as const) {
        expect(probe.clock(agentId, on)).toBe(OK);
      }
      return probe.state.clock.at(0).enabled ? "runs" : "stands";
    },
    columns("runs", "stands", "stands", "stands", "stands", "runs", "runs"),
  ],
  [
    "an asynchronous rate",
    (profile) => new Probe(profile, { devices: [] }).status(0, "clock", "CLOCK_RATE_SET", 1, 0, 2, 0),
    columns(INVALID, OK, OK, OK, OK, UNSUPPORTED, INVALID),
  ],
  [
    "notifications of a power domain",
    (profile) => new Probe(profile, { devices: [] }).status(0, "power", "POWER_STATE_NOTIFY", 0, 1),
    columns(OK, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, OK, UNSUPPORTED),
  ],
  [
    "RESET of the wrong size while denied",
    (profile) => denied(profile).line(2, 0, 1),
    columns(
      "PROTOCOL_ERROR",
      "PROTOCOL_ERROR",
      "PROTOCOL_ERROR",
      "PROTOCOL_ERROR",
      "PROTOCOL_ERROR",
      DENIED,
      "PROTOCOL_ERROR",
    ),
  ],
  [
    "clock version",
    (profile) => version(profile, "clock"),
    columns("0x30000", "0x20000", "0x20000", "0x20000", "0x30000", "0x10000", "0x30000"),
  ],
  [
    "power version",
    (profile) => version(profile, "power"),
    columns("0x30001", "0x21000", "0x21000", "0x21000", "0x21000", "0x20000", "0x30001"),
  ],
  [
    "a message of the reserved type",
    (profile) => {
      const { response } = new Probe(profile).send(1, { header: packHeader(0x10, 0, 0, 1), payload: [] });
      return statusName((words(response?.payload ?? new Uint8Array(4))[0] ?? 0) | 0);
    },
    columns(OK, OK, OK, OK, OK, "PROTOCOL_ERROR", "COMMS_ERROR"),
  ],
  [
    "a ring while the channel is FREE",
    (profile) => {
      const { response } = new Probe(profile).send(1, { header: 0x4000, payload: [], status: 1 });
      return response === null ? "ignored" : `status ${response.channelStatus}`;
    },
    columns("status 3", "status 3", "status 3", "status 3", "status 3", "ignored", "ignored"),
  ],
  [
    "a message that is too long",
    (profile) => {
      const message = { header: 0x4000, payload: [], length: 0x1000 };
      const { response } = new Probe(profile).send(1, message);
      return `status ${response?.channelStatus}, length ${response?.length}`;
    },
    columns(
      "status 3, length 4096",
      "status 3, length 4096",
      "status 3, length 4096",
      "status 3, length 4096",
      "status 3, length 4096",
      "status 3, length 8",
      "status 1, length 8",
    ),
  ],
];

describe.each(ROWS)("%s", (_, probe, expected) => {
  test.each(PROFILES)("%s", (profile) => {
    expect(probe(profile)).toBe(expected[profile]);
  });
});

test("scp as it was meant: permissions change, and 0xB undoes the last change alone", () => {
  const probe = new Probe("scp", { switches: { scpPermNoop: false } });
  probe.give(1, 2, 1, DENY);
  expect([probe.line(2), probe.line(1)]).toEqual([DENIED, OK]);
  probe.give(1, 3, 1, DENY);
  // The change before the last one is what a reset goes back to: agent 2 was denied by then.
  probe.reset(1, 2, 1);
  probe.reset(1, 3, 1);
  expect([probe.line(2), probe.line(3)]).toEqual([DENIED, OK]);

  const boot = new Probe("scp", { switches: { scpPermNoop: false, permBackupDepth: "boot" } });
  boot.give(1, 2, 1, DENY);
  boot.give(1, 3, 1, DENY);
  boot.reset(1, 2, 1);
  expect([boot.line(2), boot.line(3)]).toEqual([OK, DENIED]);
});

test("ref-rpi5: who takes a device from an agent that it is not of makes it nobody's, and the owner keeps its bits", () => {
  const probe = new Probe("ref-rpi5");
  probe.give(0, 1, 1);
  expect(probe.give(0, 2, 1, DENY)).toBe(OK);
  expect(probe.give(0, 2, 1)).toBe(OK);
  expect([probe.line(1), probe.line(2)]).toEqual([OK, OK]);
  // What is left over from that is not taken back: the device is agent 2's.
  probe.reset(0, 1, 1);
  probe.reset(0, 2, 1);
  expect([probe.line(1), probe.line(2)]).toEqual([OK, DENIED]);

  const sane = new Probe("ref-rpi5", { switches: { denyForeignOwnerQuirk: false } });
  sane.give(0, 1, 1);
  sane.give(0, 2, 1, DENY);
  expect(sane.give(0, 2, 1)).toBe(DENIED);
});

/** Firmware in which agent 2 may not use reset line 0, where anything can be denied. */
function denied(profile: ProfileName): Probe {
  const devices = [{ id: 0, name: "zero", resets: [0], defaultAccess: "none" }];
  return new Probe(profile, { devices });
}

function afterReset(profile: ProfileName, flags: number): string {
  const probe = new Probe(profile);
  for (const deviceId of [1, 2]) probe.give(0, 1, deviceId);
  const could = probe.line(1);
  expect(probe.clock(1, 1)).toBe(OK);
  probe.reset(0, profile === "imx" ? 2 : 1, flags);
  const taken = [
    could === OK && probe.line(1) !== OK ? "permission" : "",
    probe.state.clock.at(0).enabled ? "" : "clock",
  ];
  return taken.filter((what) => what !== "").join(", ") || "nothing";
}

function version(profile: ProfileName, protocol: string): string {
  return `0x${(new Probe(profile).call(1, protocol, "PROTOCOL_VERSION")[1] ?? 0).toString(16)}`;
}
