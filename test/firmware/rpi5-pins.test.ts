import { describe, expect, test } from "vitest";
import { agents, board, device } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";
import { pin } from "./support/power-and-pins.ts";

/** Pin control of `ref-rpi5` on Raspberry Pi 5's own pins (scmi-reference.md 4.10, A.3). Device 4 has pins 30 to 35. */

const FUNCTIONS = [
  "gpio alt1 alt2 alt3 alt4 alt5 alt6 alt7 alt8 aon_cpu_standbyb aon_fp_4sec_resetb aon_gpclk aon_pwm arm_jtag",
  "aud_fs_clk0 avs_pmu_bsc bsc_m0 bsc_m1 bsc_m2 bsc_m3 clk_observe ctl_hdmi_5v enet0 enet0_mii enet0_rgmii ext_sc_clk fl0 fl1",
  "gpclk0 gpclk1 gpclk2 hdmi_tx0_auto_i2c hdmi_tx0_bsc hdmi_tx1_auto_i2c hdmi_tx1_bsc i2s_in i2s_out ir_in mtsif mtsif_alt mtsif_alt1 pdm",
  "pkt pm_led_out sc0 sd0 sd2 sd_card_a sd_card_b sd_card_c sd_card_d sd_card_e sd_card_f sd_card_g spdif_out spi_m",
  "spi_s sr_edm_sense te0 te1 tsio uart0 uart1 uart2 usb_pwr usb_vbus uui vc_i2c0 vc_i2c3 vc_i2c4",
  "vc_i2c5 vc_i2csl vc_pcm vc_pwm0 vc_pwm1 vc_spi0 vc_spi3 vc_spi4 vc_spi5 vc_uart0 vc_uart2 vc_uart3 vc_uart4",
].flatMap((line) => line.split(" "));

/** The alternates of the pins that the tests look at. */
const ALTERNATES: Readonly<Record<number, string>> = {
  0: "bsc_m3 vc_i2c0 gpclk0 enet0 vc_pwm1 vc_spi0 ir_in -",
  30: "mtsif pkt sc0 sd2 enet0_rgmii gpclk0 vc_pwm0 -",
};

function idOf(name: string): number | null {
  const id = FUNCTIONS.indexOf(name);
  return id < 0 ? null : id;
}

const PIN_NAMES = [
  ...Array.from({ length: 54 }, (_, i) => `gpio${i}`),
  ..."emmc_cmd emmc_ds emmc_clk emmc_dat0 emmc_dat1 emmc_dat2 emmc_dat3 emmc_dat4 emmc_dat5 emmc_dat6 emmc_dat7".split(
    " ",
  ),
];

function rpi5(switches: Record<string, boolean> = {}): TestFirmware {
  const ids = PIN_NAMES.map((_, id) => id);
  return new TestFirmware(
    board("ref-rpi5", {
      switches,
      agents: agents(8),
      protocols: ["reset", "pinctrl"],
      deviceOwnership: "exclusive",
      pins: PIN_NAMES.map((name, id) =>
        pin(id, name, { alternates: (ALTERNATES[id]?.split(" ") ?? []).map(idOf) }),
      ),
      groups: PIN_NAMES.map((name, id) => ({ id, name, pins: [id] })),
      functions: FUNCTIONS.map((name, id) => ({
        id,
        name: `f_${name}`,
        groups: ids,
        pins: null,
        gpio: false,
      })),
      devices: [0, 1, 2, 3, 4].map((id) => device(id, { pins: id === 4 ? [30, 31, 32, 33, 34, 35] : [] })),
    }),
  );
}

/** Rows 40 to 46 of scmi-reference.md, Appendix B, and the order of checks of each command. */
const FRAMES: readonly Frame[] = [
  ["3 BASE PROTOCOL_ATTRIBUTES", 1, "00000004 00004001", "0000000C 00000000 00000802"],
  ["40 PROTOCOL_ATTRIBUTES", 1, "00000004 00006401", "00000010 00000000 00410041 00000053"],
  [
    "41 PINCTRL_ATTRIBUTES group 30",
    1,
    "0000000C 00006403 0000001E 00000001",
    "0000001C 00000000 00000001 6F697067 00003033 00000000 00000000",
  ],
  [
    "42 LIST_ASSOCIATIONS function 0 index 42",
    1,
    "00000010 00006404 00000000 00000002 0000002A",
    "0000003C 00000000 00000017 002B002A 002D002C 002F002E 00310030 00330032 00350034 00370036 00390038 003B003A 003D003C 003F003E 00000040",
  ],
  ["43 SETTINGS_GET group 30, type 13", 1, "0000000C 00006405 0000001E 0001000D", "00000008 00000002"],
  [
    "44 SETTINGS_GET pin 30, function only",
    1,
    "0000000C 00006405 0000001E 00080000",
    "00000010 00000000 00000026 00000000",
  ],
  ["45 REQUEST pin 30, not permitted", 1, "0000000C 00006407 0000001E 00000000", "00000008 FFFFFFFD"],
  ["46 SET_PERMISSIONS", 1, "00000004 0000640A", "00000008 FFFFFFFF"],
  ["SET_PERMISSIONS of any size", 1, "00000010 0000640A 00000000 00000000 00000000", "00000008 FFFFFFFF"],

  ["PROTOCOL_VERSION", 1, "00000004 00006400", "0000000C 00000000 00010000"],
  ["MESSAGE_ATTRIBUTES of 0xA", 1, "00000008 00006402 0000000A", "0000000C 00000000 00000000"],
  ["MESSAGE_ATTRIBUTES of 0x10", 1, "00000008 00006402 00000010", "00000008 FFFFFFFC"],
  ["NEGOTIATE", 1, "00000008 00006410 00010000", "00000008 FFFFFFFF"],

  ["ATTRIBUTES too short", 1, "00000008 00006403 00000000", "00000008 FFFFFFF6"],
  ["ATTRIBUTES with a reserved bit", 1, "0000000C 00006403 00000000 00000004", "00000008 FFFFFFF6"],
  ["ATTRIBUTES above", 1, "0000000C 00006403 00000041 00000000", "00000008 FFFFFFF6"],
  [
    "ATTRIBUTES of a function with a long name",
    1,
    "0000000C 00006403 0000000A 00000002",
    "0000001C 00000000 80000041 6F615F66 70665F6E 6573345F 00725F63",
  ],
  ["LIST_ASSOCIATIONS of a pin", 1, "00000010 00006404 00000000 00000000 00000000", "00000008 FFFFFFF6"],
  [
    "LIST_ASSOCIATIONS with a reserved bit",
    1,
    "00000010 00006404 00000000 00000005 00000000",
    "00000008 FFFFFFF6",
  ],
  ["LIST_ASSOCIATIONS above", 1, "00000010 00006404 00000053 00000002 00000000", "00000008 FFFFFFF8"],
  [
    "LIST_ASSOCIATIONS at the end",
    1,
    "00000010 00006404 00000000 00000002 00000041",
    "0000000C 00000000 00000000",
  ],
  [
    "LIST_ASSOCIATIONS past the end",
    1,
    "00000010 00006404 00000000 00000002 00000042",
    "0000000C 00000000 FFFF0000",
  ],

  ["SETTINGS_GET too short", 1, "00000008 00006405 0000001E", "00000008 FFFFFFF6"],
  ["SETTINGS_GET of a function", 1, "0000000C 00006405 0000001E 000E0000", "00000008 FFFFFFF6"],
  [
    "SETTINGS_GET asking for what there is not",
    1,
    "0000000C 00006405 0000001E 000C0000",
    "00000008 FFFFFFF6",
  ],
  ["SETTINGS_GET of all", 1, "0000000C 00006405 0000001E 00040000", "00000008 FFFFFFFF"],
  ["SETTINGS_GET with a skip", 1, "0000000C 00006405 0000001E 00000104", "00000008 FFFFFFFF"],
  ["SETTINGS_GET of type 10", 1, "0000000C 00006405 0000001E 0000000A", "00000008 FFFFFFFF"],
  [
    "SETTINGS_GET of the bias, longer than needed",
    1,
    "00000010 00006405 0000001E 00000002 FFFFFFFF",
    "00000018 00000000 00000026 00000001 00000002 00000001",
  ],
  [
    "SETTINGS_GET of an EMMC pin's function",
    1,
    "0000000C 00006405 00000040 00080000",
    "00000010 00000000 00000000 00000000",
  ],

  ["CONFIGURE too short", 0, "0000000C 00006406 0000001E 00000000", "00000008 FFFFFFF6"],
  ["CONFIGURE of a function", 0, "00000010 00006406 0000001E 00000000 00000002", "00000008 FFFFFFF6"],
  ["CONFIGURE above", 0, "00000010 00006406 00000041 00000000 00000000", "00000008 FFFFFFF6"],
  ["CONFIGURE not permitted", 1, "00000010 00006406 0000001E FFFFFFFF 00000404", "00000008 FFFFFFFD"],
  ["CONFIGURE of no function", 0, "00000010 00006406 0000001E FFFFFFFF 00000400", "00000008 FFFFFFF6"],
  ["CONFIGURE of function 83", 0, "00000010 00006406 0000001E 00000053 00000400", "00000008 FFFFFFF6"],
  [
    "CONFIGURE of an unmapped type",
    0,
    "00000018 00006406 0000001E 00000000 00000004 0000000D 00000001",
    "00000008 00000002",
  ],
  [
    "CONFIGURE with a config less than told",
    0,
    "00000010 00006406 0000001E 00000000 00000004",
    "00000008 00000002",
  ],
  [
    "CONFIGURE of type 10",
    0,
    "00000018 00006406 0000001E 00000000 00000004 0000000A 00000001",
    "00000008 FFFFFFF8",
  ],
  [
    "CONFIGURE of a pull-up",
    0,
    "00000018 00006406 0000001E 00000000 00000004 00000004 00000001",
    "00000008 00000000",
  ],

  ["REQUEST too long", 1, "00000010 00006407 0000001E 00000002 00000000", "00000008 FFFFFFF6"],
  ["REQUEST of a function", 1, "0000000C 00006407 0000001E 00000002", "00000008 FFFFFFFE"],
  ["REQUEST above, by an agent", 1, "0000000C 00006407 00000041 00000000", "00000008 FFFFFFFD"],
  ["REQUEST above, by agent 0", 0, "0000000C 00006407 00000041 00000000", "00000008 00000000"],
  ["RELEASE not permitted", 1, "0000000C 00006408 0000001E 00000000", "00000008 FFFFFFFD"],
  ["RELEASE", 0, "0000000C 00006408 0000001E 00000001", "00000008 00000000"],
  ["NAME_GET with a reserved bit", 1, "0000000C 00006409 00000000 00000004", "00000008 FFFFFFF6"],
  [
    "NAME_GET",
    1,
    "0000000C 00006409 00000000 00000000",
    `0000004C 00000000 00000000 6F697067 00000030${" 00000000".repeat(14)}`,
  ],
];

test.each(FRAMES)("frame %s", (_, caller, request, response) => {
  expect(exchange(rpi5(), caller, request)).toBe(response);
});

test("the first message of a function's associations has 42", () => {
  const list = rpi5().call(1, "pinctrl", "PINCTRL_LIST_ASSOCIATIONS", 0, 2, 0);
  expect([list[1], list.length]).toEqual([(23 << 16) | 42, 2 + 21]);
});

test("without its bug, an unmapped type is INVALID_PARAMETERS", () => {
  const firmware = rpi5({ pinctrlPlus2Bug: false });
  expect(firmware.status(1, "pinctrl", "PINCTRL_SETTINGS_GET", 30, 13)).toBe("INVALID_PARAMETERS");
});

describe("a pin's function", () => {
  const PIN = 0;
  const readBack = (firmware: TestFirmware) =>
    FUNCTIONS[firmware.call(0, "pinctrl", "PINCTRL_SETTINGS_GET", PIN, 2 << 18)[1] ?? -1];
  const select = (firmware: TestFirmware, name: string) =>
    firmware.status(0, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", PIN, idOf(name) ?? -1, 1 << 10);

  test("is read back one alternate too far, and where there is none, as the raw value", () => {
    const firmware = rpi5();
    expect(readBack(firmware)).toBe("bsc_m3");
    expect(select(firmware, "bsc_m3")).toBe("SUCCESS");
    expect(firmware.state.pin.get(PIN)).toEqual({ function: 1 });
    expect(readBack(firmware)).toBe("vc_i2c0");
    expect([select(firmware, "ir_in"), readBack(firmware)]).toEqual(["SUCCESS", "alt7"]);
    expect([select(firmware, "alt8"), readBack(firmware)]).toEqual(["SUCCESS", "alt8"]);
  });

  test("that it cannot have is accepted and changes nothing", () => {
    const firmware = rpi5();
    select(firmware, "gpclk0");
    expect([select(firmware, "uart0"), readBack(firmware)]).toEqual(["SUCCESS", "enet0"]);
  });
});

test("what was set before a config that fails stays, and one bias ends another", () => {
  const firmware = rpi5();
  const biases = () =>
    [2, 4, 6].map((type) => firmware.call(0, "pinctrl", "PINCTRL_SETTINGS_GET", 30, type)[4]);
  const configure = (...types: number[]) =>
    firmware.status(
      0,
      "pinctrl",
      "PINCTRL_SETTINGS_CONFIGURE",
      30,
      0,
      types.length << 2,
      ...types.flatMap((type) => [type, 1]),
    );
  expect(biases()).toEqual([1, 0, 0]);
  expect([configure(4, 10, 6), biases()]).toEqual(["GENERIC_ERROR", [0, 1, 0]]);
  expect([configure(6), biases()]).toEqual(["SUCCESS", [0, 0, 1]]);
});

test("requesting owns nothing: whoever is permitted may, also after another", () => {
  const firmware = rpi5();
  firmware.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 4, 1);
  const request = (agentId: number) => firmware.status(agentId, "pinctrl", "PINCTRL_REQUEST", 30, 0);
  expect([request(1), request(0), request(2)]).toEqual(["SUCCESS", "SUCCESS", "DENIED"]);
  expect(firmware.state.pin.size).toBe(0);
});
