import { expect, test } from "vitest";
import { SHMEM } from "#scmi/shmem.ts";
import { agents, board, clock, device, powerDomain } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";

/** The golden frames of scmi-reference.md, Appendix B, that a `ref` board of these four protocols can give. */

/** As much of the R-Car V4H board's tables as the frames look at. */
const rcar = board("ref", {
  agents: agents(8),
  powerDomains: Array.from({ length: 65 }, (_, id) =>
    id === 64 ? powerDomain(64, "always-on", { alwaysOn: true }) : powerDomain(id, `domain-${id}`),
  ),
  clocks: Array.from({ length: 229 }, (_, id) =>
    id === 104
      ? clock(104, "m_avb0", { rates: [100_000_000], rate: 100_000_000, enabled: true })
      : clock(id, `clock-${id}`),
  ),
  resets: Array.from({ length: 167 }, (_, id) => ({ id, name: id === 19 ? "reset_211" : `reset-${id}` })),
});

/** A board with the device that frame 18 gives away. */
const withDevices = board("ref", { agents: agents(8), devices: [device(0), device(1)] });

const FRAMES: Frame[] = [
  ["1 BASE PROTOCOL_VERSION", 1, "00000004 00004000", "0000000C 00000000 00020000"],
  ["2 BASE PROTOCOL_ATTRIBUTES", 1, "00000004 00004001", "0000000C 00000000 00000803"],
  ["4 MESSAGE_ATTRIBUTES of 0xA", 1, "00000008 00004002 0000000A", "00000008 FFFFFFFC"],
  ["5 MESSAGE_ATTRIBUTES of 0x9", 1, "00000008 00004002 00000009", "0000000C 00000000 00000000"],
  ["6 DISCOVER_VENDOR", 1, "00000004 00004003", "00000018 00000000 4D415045 00000000 00000000 00000000"],
  ["7 DISCOVER_SUB_VENDOR", 1, "00000004 00004004", "00000018 00000000 00000000 00000000 00000000 00000000"],
  ["8 DISCOVER_IMPLEMENTATION_VERSION", 1, "00000004 00004005", "0000000C 00000000 00000000"],
  ["9 LIST_PROTOCOLS skip 0", 1, "00000008 00004006 00000000", "00000010 00000000 00000003 00141611"],
  ["11 LIST_PROTOCOLS skip 3", 1, "00000008 00004006 00000003", "0000000C 00000000 00000000"],
  [
    "12 DISCOVER_AGENT own",
    1,
    "00000008 00004007 FFFFFFFF",
    "0000001C 00000000 00000001 6E656761 00312D74 00000000 00000000",
  ],
  ["13 DISCOVER_AGENT 8", 1, "00000008 00004007 00000008", "00000008 FFFFFFFE"],
  ["15 NOTIFY_ERRORS", 1, "00000008 00004008 00000001", "00000008 FFFFFFFF"],
  [
    "16 SET_DEVICE_PERMISSIONS by agent 1",
    1,
    "00000010 00004009 00000001 00000001 00000001",
    "00000008 FFFFFFFD",
  ],
  [
    "17 SET_DEVICE_PERMISSIONS by agent 0, no devices",
    0,
    "00000010 00004009 00000001 00000001 00000001",
    "00000008 FFFFFFFE",
  ],
  ["20 SET_DEVICE_PERMISSIONS of 8 bytes", 0, "0000000C 00004009 00000001 00000001", "00000008 FFFFFFF6"],
  [
    "22 SET_PROTOCOL_PERMISSIONS",
    1,
    "00000014 0000400A 00000001 00000001 00000014 00000000",
    "00000008 FFFFFFFF",
  ],
  ["23 unknown protocol 0x13", 1, "00000004 00004C00", "00000008 FFFFFFFF"],
  ["24 POWER PROTOCOL_VERSION", 1, "00000004 00004400", "0000000C 00000000 00021000"],
  [
    "25 POWER PROTOCOL_ATTRIBUTES",
    1,
    "00000004 00004401",
    "00000018 00000000 00000041 00000000 00000000 00000000",
  ],
  [
    "26 POWER_DOMAIN_ATTRIBUTES 64",
    1,
    "00000008 00004403 00000040",
    "0000001C 00000000 00000000 61776C61 6F2D7379 0000006E 00000000",
  ],
  ["27 POWER_DOMAIN_ATTRIBUTES 65", 1, "00000008 00004403 00000041", "00000008 FFFFFFFE"],
  [
    "28 POWER_STATE_SET 24 OFF with count 0",
    1,
    "00000010 00004404 00000000 00000018 40000000",
    "00000008 FFFFFFFA",
  ],
  ["29 CLOCK PROTOCOL_ATTRIBUTES", 1, "00000004 00005001", "0000000C 00000000 000100E5"],
  [
    "30 CLOCK_ATTRIBUTES 104",
    1,
    "00000008 00005003 00000068",
    "0000001C 00000000 00000001 76615F6D 00003062 00000000 00000000",
  ],
  [
    "31 CLOCK_DESCRIBE_RATES 104 index 0",
    1,
    "0000000C 00005004 00000068 00000000",
    "00000014 00000000 00000001 05F5E100 00000000",
  ],
  ["32 CLOCK_DESCRIBE_RATES 104 index 1", 1, "0000000C 00005004 00000068 00000001", "00000008 FFFFFFFB"],
  ["33 CLOCK_RATE_GET 104", 1, "00000008 00005006 00000068", "00000010 00000000 05F5E100 00000000"],
  ["34 CLOCK_RATE_GET 229", 1, "00000008 00005006 000000E5", "00000008 FFFFFFFE"],
  ["35 CLOCK_CONFIG_SET 104 off", 1, "0000000C 00005007 00000068 00000000", "00000008 00000000"],
  [
    "36 RESET_DOMAIN_ATTRIBUTES 19",
    1,
    "00000008 00005803 00000013",
    "00000020 00000000 00000000 7FFFFFFF 65736572 31325F74 00000031 00000000",
  ],
  ["37 RESET_DOMAIN_ATTRIBUTES 167", 1, "00000008 00005803 000000A7", "00000008 FFFFFFFE"],
  ["38 RESET 167", 1, "00000010 00005804 000000A7 00000001 00000000", "00000008 FFFFFFFC"],
];

test.each(FRAMES)("frame %s", (_, caller, request, response) => {
  expect(exchange(new TestFirmware(rcar), caller, request)).toBe(response);
});

test("frame 18 SET_DEVICE_PERMISSIONS by agent 0, of a device that is there", () => {
  const request = "00000010 00004009 00000001 00000001 00000001";
  expect(exchange(new TestFirmware(withDevices), 0, request)).toBe("00000008 00000000");
});

test("frame 10 LIST_PROTOCOLS of two protocols pads with what lay there, but counts the padding", () => {
  const firmware = new TestFirmware(board("ref", { protocols: ["reset", "pinctrl"] }));
  firmware.page(1).bytes.fill(0xaa, SHMEM.PAYLOAD);
  const response = "00000010 00000000 00000002 AAAA1916";
  expect(exchange(firmware, 1, "00000008 00004006 00000000")).toBe(response);
});
