import { describe, expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import { completeOldest } from "#firmware/p2a/complete.ts";
import { packHeader } from "#scmi/header.ts";
import { agents } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";
import { powerAndPins } from "./support/power-and-pins.ts";

/** Power capping of `v32`, and of version 3.0. Callers: 1 holds domain 0, 2 holds nothing. */

const SOC_NAME = "00636F73 00000000 00000000 00000000";

/** Every command of 2.0, its refusals in their order: each row makes good one more fault than the row above. */
const FRAMES: readonly Frame[] = [
  ["PROTOCOL_VERSION", 2, "00000004 00006000", "0000000C 00000000 00020000"],
  ["PROTOCOL_ATTRIBUTES", 2, "00000004 00006001", "0000000C 00000000 00000004"],
  ["PROTOCOL_ATTRIBUTES too long", 2, "00000008 00006001 00000000", "00000008 FFFFFFF6"],
  ["MESSAGE_ATTRIBUTES of CAP_SET", 2, "00000008 00006002 00000005", "0000000C 00000000 00000000"],
  ["MESSAGE_ATTRIBUTES of a message of 3.0", 2, "00000008 00006002 0000000D", "00000008 FFFFFFFC"],
  ["a message of 3.0", 2, "0000000C 0000600D 00000000 00000000", "00000008 FFFFFFFF"],

  ["DOMAIN_ATTRIBUTES too short", 2, "00000004 00006003", "00000008 FFFFFFF6"],
  ["DOMAIN_ATTRIBUTES above", 2, "00000008 00006003 00000004", "00000008 FFFFFFFC"],
  ["DOMAIN_ATTRIBUTES of a gap", 2, "00000008 00006003 00000002", "00000008 FFFFFFFC"],
  [
    "DOMAIN_ATTRIBUTES",
    2,
    "00000008 00006003 00000000",
    // Cap and interval can be set, power is measured, in mW; both kinds of notifications.
    `00000040 00000000 CF000000 ${SOC_NAME} 000003E8 000186A0 000003E8 000003E8 00002328 00000064 00001388 0000000A FFFFFFFF`,
  ],
  [
    "DOMAIN_ATTRIBUTES of a fixed domain with a long name",
    2,
    "00000008 00006003 00000001",
    "00000040 00000000 90800000 2D757067 2D646E61 70736964 0079616C 000003E8 000003E8 00000000 000001F4 000001F4 00000000 00000000 00000000 00000000",
  ],

  ["CAP_GET too short", 2, "00000004 00006004", "00000008 FFFFFFF6"],
  ["CAP_GET in the form of 3.0", 2, "0000000C 00006004 00000000 00000000", "00000008 FFFFFFF6"],
  ["CAP_GET above", 2, "00000008 00006004 00000004", "00000008 FFFFFFFC"],
  ["CAP_GET", 2, "00000008 00006004 00000000", "0000000C 00000000 00002328"],

  ["CAP_SET too short", 2, "0000000C 00006005 00000004 FFFFFFFF", "00000008 FFFFFFF6"],
  [
    "CAP_SET in the form of 3.0",
    1,
    "00000014 00006005 00000000 00000000 00000000 00002328",
    "00000008 FFFFFFF6",
  ],
  ["CAP_SET above", 2, "00000010 00006005 00000004 FFFFFFFF 00000001", "00000008 FFFFFFFC"],
  ["CAP_SET denied", 2, "00000010 00006005 00000000 FFFFFFFF 00000001", "00000008 FFFFFFFD"],
  ["CAP_SET with reserved flags", 1, "00000010 00006005 00000000 00000006 00000001", "00000008 FFFFFFFE"],
  ["CAP_SET of a fixed cap", 2, "00000010 00006005 00000001 00000002 00000001", "00000008 FFFFFFFF"],
  ["CAP_SET asynchronously", 1, "00000010 00006005 00000000 00000002 00000001", "00000008 FFFFFFFF"],
  ["CAP_SET below", 1, "00000010 00006005 00000000 00000000 000003E7", "00000008 FFFFFFFB"],
  ["CAP_SET too high", 1, "00000010 00006005 00000000 00000003 00002329", "00000008 FFFFFFFB"],
  [
    "CAP_SET of the lowest, whenever it be done",
    1,
    "00000010 00006005 00000000 00000003 000003E8",
    "00000008 00000000",
  ],
  ["CAP_SET off", 1, "00000010 00006005 00000000 00000000 00000000", "00000008 00000000"],

  ["PAI_GET too short", 2, "00000004 00006006", "00000008 FFFFFFF6"],
  ["PAI_GET above", 2, "00000008 00006006 00000004", "00000008 FFFFFFFC"],
  ["PAI_GET", 2, "00000008 00006006 00000000", "0000000C 00000000 000007D0"],

  ["PAI_SET too short", 2, "0000000C 00006007 00000004 00000001", "00000008 FFFFFFF6"],
  ["PAI_SET above", 2, "00000010 00006007 00000004 00000001 00000001", "00000008 FFFFFFFC"],
  ["PAI_SET denied", 2, "00000010 00006007 00000000 00000001 00000001", "00000008 FFFFFFFD"],
  ["PAI_SET with reserved flags", 1, "00000010 00006007 00000000 00000001 00000001", "00000008 FFFFFFFE"],
  ["PAI_SET of a fixed interval", 2, "00000010 00006007 00000001 00000000 00000001", "00000008 FFFFFFFF"],
  ["PAI_SET too short an interval", 1, "00000010 00006007 00000000 00000000 00000000", "00000008 FFFFFFFB"],
  ["PAI_SET too long an interval", 1, "00000010 00006007 00000000 00000000 000186A1", "00000008 FFFFFFFB"],
  ["PAI_SET", 1, "00000010 00006007 00000000 00000000 000186A0", "00000008 00000000"],

  ["NAME_GET above", 2, "00000008 00006008 00000004", "00000008 FFFFFFFC"],
  [
    "NAME_GET",
    2,
    "00000008 00006008 00000000",
    `0000004C 00000000 00000000 00636F73${" 00000000".repeat(15)}`,
  ],

  ["MEASUREMENTS_GET too short", 2, "00000004 00006009", "00000008 FFFFFFF6"],
  ["MEASUREMENTS_GET above", 2, "00000008 00006009 00000004", "00000008 FFFFFFFC"],
  ["MEASUREMENTS_GET where nothing is measured", 2, "00000008 00006009 00000001", "00000008 FFFFFFFF"],
  ["MEASUREMENTS_GET", 2, "00000008 00006009 00000000", "00000010 00000000 00000CE4 000007D0"],

  ["CAP_NOTIFY too short", 2, "00000008 0000600A 00000004", "00000008 FFFFFFF6"],
  ["CAP_NOTIFY above", 2, "0000000C 0000600A 00000004 0000000F", "00000008 FFFFFFFC"],
  ["CAP_NOTIFY denied", 2, "0000000C 0000600A 00000000 0000000F", "00000008 FFFFFFFD"],
  ["CAP_NOTIFY with reserved bits", 1, "0000000C 0000600A 00000000 0000000F", "00000008 FFFFFFFE"],
  ["CAP_NOTIFY", 1, "0000000C 0000600A 00000000 00000001", "00000008 00000000"],

  ["MEASUREMENTS_NOTIFY too short", 2, "00000010 0000600B 00000004 0000000F 00000002", "00000008 FFFFFFF6"],
  [
    "MEASUREMENTS_NOTIFY above",
    2,
    "00000014 0000600B 00000004 0000000F 00000002 00000001",
    "00000008 FFFFFFFC",
  ],
  [
    "MEASUREMENTS_NOTIFY denied",
    2,
    "00000014 0000600B 00000000 0000000F 00000002 00000001",
    "00000008 FFFFFFFD",
  ],
  [
    "MEASUREMENTS_NOTIFY with reserved bits",
    1,
    "00000014 0000600B 00000000 0000000F 00000001 00000002",
    "00000008 FFFFFFFE",
  ],
  [
    "MEASUREMENTS_NOTIFY with thresholds the wrong way round",
    1,
    "00000014 0000600B 00000000 00000001 00000002 00000001",
    "00000008 FFFFFFFE",
  ],
  [
    "MEASUREMENTS_NOTIFY where nothing is measured",
    2,
    "00000014 0000600B 00000001 00000001 00000001 00000002",
    "00000008 FFFFFFFF",
  ],
  ["MEASUREMENTS_NOTIFY", 1, "00000014 0000600B 00000000 00000001 00000001 00000002", "00000008 00000000"],

  ["DESCRIBE_FASTCHANNEL too short", 2, "00000008 0000600C 00000004", "00000008 FFFFFFF6"],
  ["DESCRIBE_FASTCHANNEL above", 2, "0000000C 0000600C 00000004 00000005", "00000008 FFFFFFFC"],
  ["DESCRIBE_FASTCHANNEL where there is none", 2, "0000000C 0000600C 00000000 00000005", "00000008 FFFFFFFF"],

  ["NEGOTIATE of 3.0", 2, "00000008 00006010 00030000", "00000008 FFFFFFFF"],
  ["NEGOTIATE of 2.0", 2, "00000008 00006010 00020000", "00000008 00000000"],
];

/** What version 3.0 has otherwise, and what only it has. */
const FRAMES_3: readonly Frame[] = [
  ["PROTOCOL_VERSION", 2, "00000004 00006000", "0000000C 00000000 00030000"],
  [
    "DOMAIN_ATTRIBUTES",
    2,
    "00000008 00006003 00000000",
    // Of cap changes bit 21 tells, the capping interval can be set (20), and there are two limits.
    `0000004C 00000000 4F310000 ${SOC_NAME} 000003E8 000186A0 000003E8 000003E8 00002328 00000064 00001388 0000000A FFFFFFFF 00000064 00000384 00000064`,
  ],
  ["CAP_GET in the form of 2.0", 2, "00000008 00006004 00000000", "0000000C 00000000 00002328"],
  ["CAP_GET of a limit that is not there", 2, "0000000C 00006004 00000000 00000002", "00000008 FFFFFFFC"],
  [
    "CAP_GET of limit 1, which is off",
    2,
    "0000000C 00006004 00000000 00000001",
    "0000000C 00000000 00000000",
  ],

  [
    "CAP_SET of a limit that is not there",
    2,
    "00000014 00006005 00000000 00000002 FFFFFFFF 00000001",
    "00000008 FFFFFFFC",
  ],
  ["CAP_SET denied", 2, "00000014 00006005 00000000 00000001 FFFFFFFF 00000001", "00000008 FFFFFFFD"],
  [
    "CAP_SET beyond the range of its limit",
    1,
    "00000014 00006005 00000000 00000001 00000000 00002EE1",
    "00000008 FFFFFFFB",
  ],
  ["CAP_SET of limit 1", 1, "00000014 00006005 00000000 00000001 00000000 00002EE0", "00000008 00000000"],
  ["CAP_SET in the form of 2.0", 1, "00000010 00006005 00000000 00000000 00002328", "00000008 00000000"],

  ["CPC_ATTRIBUTES too short", 2, "00000008 0000600D 00000004", "00000008 FFFFFFF6"],
  ["CPC_ATTRIBUTES above", 2, "0000000C 0000600D 00000004 00000002", "00000008 FFFFFFFC"],
  ["CPC_ATTRIBUTES past the end", 2, "0000000C 0000600D 00000000 00000002", "00000008 FFFFFFFB"],
  [
    "CPC_ATTRIBUTES of the domain's own limit",
    2,
    "0000000C 0000600D 00000000 00000000",
    `0000003C 00000000 00010001 00000000 00000001 000003E8 00002328 00000064 00000064 00000384 00000064 ${SOC_NAME}`,
  ],
  [
    "CPC_ATTRIBUTES of the other",
    2,
    "0000000C 0000600D 00000000 00000001",
    "0000003C 00000000 00000001 00000001 00000001 000007D0 00002EE0 0000000A 000003E8 000003E8 00000000 6B616570 00000000 00000000 00000000",
  ],

  ["CAI_GET too short", 2, "00000008 0000600E 00000004", "00000008 FFFFFFF6"],
  ["CAI_GET above", 2, "0000000C 0000600E 00000004 00000000", "00000008 FFFFFFFC"],
  ["CAI_GET of a limit that is not there", 2, "0000000C 0000600E 00000000 00000002", "00000008 FFFFFFFC"],
  ["CAI_GET", 2, "0000000C 0000600E 00000000 00000000", "0000000C 00000000 0000012C"],

  ["CAI_SET too short", 2, "00000010 0000600F 00000004 00000001 00000001", "00000008 FFFFFFF6"],
  ["CAI_SET above", 2, "00000014 0000600F 00000004 00000001 00000001 00000000", "00000008 FFFFFFFC"],
  [
    "CAI_SET of a limit that is not there",
    2,
    "00000014 0000600F 00000000 00000001 00000001 00000002",
    "00000008 FFFFFFFC",
  ],
  ["CAI_SET denied", 2, "00000014 0000600F 00000000 00000001 00000001 00000000", "00000008 FFFFFFFD"],
  [
    "CAI_SET with reserved flags",
    1,
    "00000014 0000600F 00000000 00000001 00000001 00000000",
    "00000008 FFFFFFFE",
  ],
  [
    "CAI_SET of a fixed interval",
    1,
    "00000014 0000600F 00000000 00000000 00000001 00000001",
    "00000008 FFFFFFFF",
  ],
  ["CAI_SET out of range", 1, "00000014 0000600F 00000000 00000000 00000385 00000000", "00000008 FFFFFFFB"],
  ["CAI_SET", 1, "00000014 0000600F 00000000 00000000 00000384 00000000", "00000008 00000000"],
  ["NEGOTIATE of 3.0", 2, "00000008 00006010 00030000", "00000008 00000000"],
];

function firmwareOf(version: "1.0" | "2.0" | "3.0", more: Partial<FirmwareConfig> = {}): TestFirmware {
  return new TestFirmware(powerAndPins("v32", { switches: { powercapVersion: version }, ...more }));
}

describe.each([
  ["2.0", FRAMES],
  ["3.0", FRAMES_3],
] as const)("version %s", (version, frames) => {
  test.each(frames)("frame %s", (_, caller, request, response) => {
    expect(exchange(firmwareOf(version), caller, request)).toBe(response);
  });
});

test("only from 2.0 on a cap of 0 switches capping off", () => {
  expect(firmwareOf("1.0").status(1, "powercap", "POWERCAP_CAP_SET", 0, 0, 0)).toBe("OUT_OF_RANGE");
  expect(firmwareOf("2.0").status(1, "powercap", "POWERCAP_CAP_SET", 0, 0, 0)).toBe("SUCCESS");
});

test("caps and intervals are kept, and go back to power-on when the agent that set them is reset", () => {
  const firmware = firmwareOf("3.0");
  const atPowerOn = { ...firmware.state.powercap.at(0) };
  expect(atPowerOn).toEqual({ pai: 2000, cap0: 9000, cai0: 300, cap1: 0, cai1: 1000 });
  firmware.status(1, "powercap", "POWERCAP_CAP_SET", 0, 0, 0, 1234);
  firmware.status(1, "powercap", "POWERCAP_CAP_SET", 0, 1, 0, 5000);
  firmware.status(1, "powercap", "POWERCAP_PAI_SET", 0, 0, 7000);
  firmware.status(1, "powercap", "POWERCAP_CAI_SET", 0, 0, 900, 0);
  expect(firmware.call(2, "powercap", "POWERCAP_CAP_GET", 0)).toEqual([0, 1234]);
  expect(firmware.call(2, "powercap", "POWERCAP_CAP_GET", 0, 1)).toEqual([0, 5000]);
  expect(firmware.call(2, "powercap", "POWERCAP_MEASUREMENTS_GET", 0)).toEqual([0, 3300, 7000]);
  expect(firmware.call(2, "powercap", "POWERCAP_CAI_GET", 0, 0)).toEqual([0, 900]);

  firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0);
  expect(firmware.state.powercap.at(0)).toMatchObject({ cap0: 1234, setBy: 1 });
  firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0);
  expect(firmware.state.powercap.at(0)).toEqual(atPowerOn);
});

test("what an agent wants to know of measurements is kept with its thresholds", () => {
  const firmware = firmwareOf("2.0");
  firmware.status(1, "powercap", "POWERCAP_MEASUREMENTS_NOTIFY", 0, 1, 100, 200);
  expect(firmware.state.subscription.get(1)).toEqual({
    "powercap.POWERCAP_MEASUREMENTS_NOTIFY.0": true,
    "powercap.POWERCAP_MEASUREMENTS_NOTIFY.0.low": 100,
    "powercap.POWERCAP_MEASUREMENTS_NOTIFY.0.high": 200,
  });
  firmware.status(1, "powercap", "POWERCAP_MEASUREMENTS_NOTIFY", 0, 0, 100, 200);
  expect(firmware.state.subscription.has(1)).toBe(false);
});

describe("with pages for what the firmware sends", () => {
  const p2a = { agents: agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 })) };
  const notification = packHeader(0x18, 0x0, 0, 3);

  test.each([
    ["2.0", [0], [1, 0, 1500, 2000]],
    ["3.0", [0, 1], [1, 0, 5000, 2000, 1]],
  ] as const)(
    "version %s: a cap that changes is told of, and one that is set again is not",
    (version, to, told) => {
      const firmware = firmwareOf(version, p2a);
      firmware.status(1, "powercap", "POWERCAP_CAP_NOTIFY", 0, 1);
      const set = () =>
        firmware
          .send(1, { header: packHeader(0x18, 0x5), payload: [...to, 0, told[2]] })
          .notifications.map(({ agentId, header, payload }) => [agentId, header, ...words(payload)]);
      expect([set(), set()]).toEqual([[[1, notification, ...told]], []]);
    },
  );

  test("an interval is told of with the cap", () => {
    const firmware = firmwareOf("2.0", p2a);
    firmware.status(1, "powercap", "POWERCAP_CAP_NOTIFY", 0, 1);
    const { notifications } = firmware.send(1, { header: packHeader(0x18, 0x7), payload: [0, 0, 5000] });
    expect(notifications.map(({ payload }) => words(payload))).toEqual([[1, 0, 9000, 5000]]);
  });

  test("a cap that is set later is told of when it is", () => {
    const firmware = firmwareOf("3.0", p2a);
    expect((firmware.call(1, "powercap", "POWERCAP_DOMAIN_ATTRIBUTES", 0)[1] ?? 0) & 0x2000_0000).not.toBe(0);
    const taken = firmware.send(1, { header: packHeader(0x18, 0x5, 7), payload: [0, 1, 2, 5000] });
    expect(words(taken.response?.payload ?? new Uint8Array())).toEqual([0]);
    expect(firmware.call(1, "powercap", "POWERCAP_CAP_GET", 0, 1)).toEqual([0, 0]);
    const done = completeOldest(firmware.config, firmware.state, firmware.memory, {});
    const sent = done?.sent.map(({ header, payload }) => [header, ...words(payload)]);
    expect(sent).toEqual([[packHeader(0x18, 0x5, 7, 2), 0, 0, 5000, 1]]);
  });

  test("a delayed response that nobody wants is not sent", () => {
    const firmware = firmwareOf("2.0", p2a);
    firmware.send(1, { header: packHeader(0x18, 0x5), payload: [0, 3, 5000] });
    const done = completeOldest(firmware.config, firmware.state, firmware.memory, {});
    expect([done?.status, done?.sent]).toEqual([0, []]);
  });
});
