import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig, ProfileName } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { SHMEM } from "#scmi/shmem.ts";
import { agents, board } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange } from "./support/frames.ts";

/** The golden frames of scmi-reference.md, Appendix B, each for every profile that gives it. */

function configOf(profile: ProfileName): FirmwareConfig {
  const text = JSON.stringify({
    name: profile,
    deviceTree: "host.dtb",
    firmware: { profile, vendor: "EPAM", agents: agents(8) },
  });
  const parsed = parseBoard(text, "board.yaml");
  if (isProblem(parsed)) throw new Error(parsed.detail);
  return parsed.firmware;
}

/** The real boards; `ref` with R-Car's resources, and the servers that number agents from 1. */
const CONFIGS: { readonly [Name in ProfileName]?: FirmwareConfig } = {
  "ref-rcar": configOf("ref-rcar"),
  "ref-rpi5": configOf("ref-rpi5"),
  ref: { ...configOf("ref-rcar"), profile: "ref" },
  scp: configOf("scp"),
  imx: configOf("imx"),
};

function firmwareOf(profile: ProfileName): TestFirmware {
  const config = CONFIGS[profile];
  if (config === undefined) throw new Error(`no board of ${profile}`);
  return new TestFirmware(config);
}

type Row = readonly [
  name: string,
  profiles: readonly ProfileName[],
  caller: number,
  request: string,
  response: string,
];

const ROWS: readonly Row[] = [
  [
    "1 BASE PROTOCOL_VERSION",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000004 00004000",
    "0000000C 00000000 00020000",
  ],
  ["2 BASE PROTOCOL_ATTRIBUTES", ["ref-rcar", "ref"], 1, "00000004 00004001", "0000000C 00000000 00000803"],
  ["3 BASE PROTOCOL_ATTRIBUTES", ["ref-rpi5"], 1, "00000004 00004001", "0000000C 00000000 00000802"],
  [
    "4 MESSAGE_ATTRIBUTES of 0xA",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000008 00004002 0000000A",
    "00000008 FFFFFFFC",
  ],
  [
    "5 MESSAGE_ATTRIBUTES of 0x9",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000008 00004002 00000009",
    "0000000C 00000000 00000000",
  ],
  [
    "6 DISCOVER_VENDOR 'EPAM'",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000004 00004003",
    "00000018 00000000 4D415045 00000000 00000000 00000000",
  ],
  [
    "7 DISCOVER_SUB_VENDOR ''",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000004 00004004",
    "00000018 00000000 00000000 00000000 00000000 00000000",
  ],
  [
    "8 DISCOVER_IMPLEMENTATION_VERSION",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000004 00004005",
    "0000000C 00000000 00000000",
  ],
  [
    "9 LIST_PROTOCOLS skip 0",
    ["ref-rcar", "ref"],
    1,
    "00000008 00004006 00000000",
    "00000010 00000000 00000003 00141611",
  ],
  [
    "10 LIST_PROTOCOLS skip 0",
    ["ref-rpi5"],
    1,
    "00000008 00004006 00000000",
    "00000010 00000000 00000002 00001916",
  ],
  [
    "11 LIST_PROTOCOLS skip 3",
    ["ref-rcar", "ref"],
    1,
    "00000008 00004006 00000003",
    "0000000C 00000000 00000000",
  ],
  [
    "12 DISCOVER_AGENT own",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000008 00004007 FFFFFFFF",
    "0000001C 00000000 00000001 6E656761 00312D74 00000000 00000000",
  ],
  [
    "13 DISCOVER_AGENT 8",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000008 00004007 00000008",
    "00000008 FFFFFFFE",
  ],
  [
    "14 DISCOVER_AGENT 0",
    ["scp", "imx"],
    1,
    "00000008 00004007 00000000",
    "0000001C 00000000 00000000 74616C70 6D726F66 00000000 00000000",
  ],
  ["15 NOTIFY_ERRORS", ["ref", "ref-rcar", "ref-rpi5"], 1, "00000008 00004008 00000001", "00000008 FFFFFFFF"],
  [
    "16 SET_DEVICE_PERMISSIONS by agent 1",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000010 00004009 00000001 00000001 00000001",
    "00000008 FFFFFFFD",
  ],
  [
    "17 SET_DEVICE_PERMISSIONS by agent 0",
    ["ref-rcar", "ref"],
    0,
    "00000010 00004009 00000001 00000001 00000001",
    "00000008 FFFFFFFE",
  ],
  [
    "20 SET_DEVICE_PERMISSIONS 8-byte payload",
    ["ref", "ref-rcar", "ref-rpi5"],
    0,
    "0000000C 00004009 00000001 00000001",
    "00000008 FFFFFFF6",
  ],
  [
    "21 RESET_AGENT_CONFIGURATION by agent 0",
    ["ref-rcar"],
    0,
    "0000000C 0000400B 00000001 00000001",
    "00000008 FFFFFFFF",
  ],
  [
    "22 SET_PROTOCOL_PERMISSIONS",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000014 0000400A 00000001 00000001 00000014 00000000",
    "00000008 FFFFFFFF",
  ],
  [
    "23 unknown protocol 0x13 version",
    ["ref", "ref-rcar", "ref-rpi5"],
    1,
    "00000004 00004C00",
    "00000008 FFFFFFFF",
  ],
  ["24 POWER PROTOCOL_VERSION", ["ref-rcar", "ref"], 1, "00000004 00004400", "0000000C 00000000 00021000"],
  [
    "25 POWER PROTOCOL_ATTRIBUTES",
    ["ref-rcar", "ref"],
    1,
    "00000004 00004401",
    "00000018 00000000 00000041 00000000 00000000 00000000",
  ],
  [
    "26 POWER_DOMAIN_ATTRIBUTES 64",
    ["ref-rcar", "ref"],
    1,
    "00000008 00004403 00000040",
    "0000001C 00000000 00000000 61776C61 6F2D7379 0000006E 00000000",
  ],
  [
    "27 POWER_DOMAIN_ATTRIBUTES 65",
    ["ref-rcar", "ref"],
    1,
    "00000008 00004403 00000041",
    "00000008 FFFFFFFE",
  ],
  [
    "28 POWER_STATE_SET 24 OFF with use_cnt 0",
    ["ref-rcar", "ref"],
    1,
    "00000010 00004404 00000000 00000018 40000000",
    "00000008 FFFFFFFA",
  ],
  ["29 CLOCK PROTOCOL_ATTRIBUTES", ["ref-rcar", "ref"], 1, "00000004 00005001", "0000000C 00000000 000100E5"],
  [
    "30 CLOCK_ATTRIBUTES 104",
    ["ref-rcar", "ref"],
    1,
    "00000008 00005003 00000068",
    "0000001C 00000000 00000001 76615F6D 00003062 00000000 00000000",
  ],
  [
    "31 CLOCK_DESCRIBE_RATES 104 index 0",
    ["ref-rcar", "ref"],
    1,
    "0000000C 00005004 00000068 00000000",
    "00000014 00000000 00000001 05F5E100 00000000",
  ],
  [
    "32 CLOCK_DESCRIBE_RATES 104 index 1",
    ["ref-rcar", "ref"],
    1,
    "0000000C 00005004 00000068 00000001",
    "00000008 FFFFFFFB",
  ],
  [
    "33 CLOCK_RATE_GET 104",
    ["ref-rcar", "ref"],
    1,
    "00000008 00005006 00000068",
    "00000010 00000000 05F5E100 00000000",
  ],
  ["34 CLOCK_RATE_GET 229", ["ref-rcar", "ref"], 1, "00000008 00005006 000000E5", "00000008 FFFFFFFE"],
  [
    "35 CLOCK_CONFIG_SET 104 off",
    ["ref-rcar", "ref"],
    1,
    "0000000C 00005007 00000068 00000000",
    "00000008 00000000",
  ],
  [
    "36 RESET_DOMAIN_ATTRIBUTES 19",
    ["ref-rcar", "ref"],
    1,
    "00000008 00005803 00000013",
    "00000020 00000000 00000000 7FFFFFFF 65736572 31325F74 00000031 00000000",
  ],
  [
    "37 RESET_DOMAIN_ATTRIBUTES 167",
    ["ref-rcar", "ref"],
    1,
    "00000008 00005803 000000A7",
    "00000008 FFFFFFFE",
  ],
  [
    "38 RESET 167",
    ["ref-rcar", "ref"],
    1,
    "00000010 00005804 000000A7 00000001 00000000",
    "00000008 FFFFFFFC",
  ],
  [
    "39 RESET 0 autonomous, agent 1 not permitted",
    ["ref-rpi5"],
    1,
    "00000010 00005804 00000000 00000001 00000000",
    "00000008 FFFFFFFD",
  ],
  [
    "40 PINCTRL PROTOCOL_ATTRIBUTES",
    ["ref-rpi5"],
    1,
    "00000004 00006401",
    "00000010 00000000 00410041 00000053",
  ],
  [
    "41 PINCTRL_ATTRIBUTES group 30",
    ["ref-rpi5"],
    1,
    "0000000C 00006403 0000001E 00000001",
    "0000001C 00000000 00000001 6F697067 00003033 00000000 00000000",
  ],
  [
    "42 LIST_ASSOCIATIONS function 0 index 42",
    ["ref-rpi5"],
    1,
    "00000010 00006404 00000000 00000002 0000002A",
    "0000003C 00000000 00000017 002B002A 002D002C 002F002E 00310030 00330032 00350034 00370036 00390038 003B003A 003D003C 003F003E 00000040",
  ],
  [
    "43 SETTINGS_GET group 30, type 13",
    ["ref-rpi5"],
    1,
    "0000000C 00006405 0000001E 0001000D",
    "00000008 00000002",
  ],
  [
    "44 SETTINGS_GET pin 30, function only",
    ["ref-rpi5"],
    1,
    "0000000C 00006405 0000001E 00080000",
    "00000010 00000000 00000026 00000000",
  ],
  [
    "45 REQUEST pin 30, agent 1 not permitted",
    ["ref-rpi5"],
    1,
    "0000000C 00006407 0000001E 00000000",
    "00000008 FFFFFFFD",
  ],
  ["46 SET_PERMISSIONS", ["ref-rpi5"], 1, "00000004 0000640A", "00000008 FFFFFFFF"],
];

describe.each(Object.keys(CONFIGS) as ProfileName[])("%s", (profile) => {
  test.each(ROWS.filter(([, profiles]) => profiles.includes(profile)))(
    "frame %s",
    (_, __, caller, ...frame) => {
      const [request, response] = frame;
      expect(exchange(firmwareOf(profile), caller, request)).toBe(response);
    },
  );
});

test("frames 18 and 19: a device of ref-rpi5 is one agent's", () => {
  const firmware = firmwareOf("ref-rpi5");
  const give = (agent: string) => exchange(firmware, 0, `00000010 00004009 ${agent} 00000001 00000001`);
  expect([give("00000001"), give("00000002")]).toEqual(["00000008 00000000", "00000008 FFFFFFFD"]);
});

test("frame 10 pads with what lay there, but counts the padding; so does frame 42", () => {
  const firmware = firmwareOf("ref-rpi5");
  firmware.page(1).bytes.fill(0xaa, SHMEM.PAYLOAD);
  expect(exchange(firmware, 1, "00000008 00004006 00000000")).toBe("00000010 00000000 00000002 AAAA1916");
  firmware.page(1).bytes.fill(0xaa, SHMEM.PAYLOAD + 12);
  const answer = exchange(firmware, 1, "00000010 00006404 00000000 00000002 0000002A");
  expect(answer.split(" ").at(-1)).toBe("AAAA0040");
});

test("a status, and nothing else, of a transport that is refused: frames (a) and (b)", () => {
  for (const profile of ["ref", "ref-rcar", "ref-rpi5", "tfa"] satisfies ProfileName[]) {
    for (const bad of [{ length: 3 }, { status: 1 }]) {
      const firmware = new TestFirmware(board(profile, { agents: agents(2) }));
      const { xOut, response } = firmware.send(1, { header: 0x4000, payload: [7], ...bad });
      expect([xOut[0], response?.channelStatus]).toEqual([0n, 3]);
      // A leaked busy flag: a valid request ends so too.
      const after = firmware.send(1, { header: 0x4000, payload: [] }).response;
      expect([after?.channelStatus, after?.length]).toEqual([3, 4]);
    }
  }
});
