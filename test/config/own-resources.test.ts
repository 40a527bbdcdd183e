import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { boardFromJson, canonicalBoard, parseBoard } from "#config/board/file.ts";

function firmwareOf(...lines: string[]): FirmwareConfig {
  const text = [
    "name: small",
    "deviceTree: host.dtb",
    "firmware:",
    "  agents: [ { id: 0, name: a, funcId: 0x82000002, shmem: 0x47ff0000 } ]",
    ...lines.map((line) => `  ${line}`),
  ].join("\n");
  const board = parseBoard(text, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  expect(boardFromJson(canonicalBoard(board))).toEqual(board);
  return board.firmware;
}

function counts({ powerDomains, clocks, resets, pins, groups, functions, devices }: FirmwareConfig) {
  return [powerDomains, clocks, resets, pins, groups, functions, devices].map(({ length }) => length);
}

describe("a board that names neither protocols nor resources has those of", () => {
  test("R-Car V4H with profile ref-rcar", () => {
    const firmware = firmwareOf("profile: ref-rcar");
    expect(counts(firmware)).toEqual([65, 229, 167, 0, 0, 0, 0]);
    expect(firmware.protocols).toEqual(["power", "reset", "clock"]);
    expect(firmware.powerDomains[42]).toMatchObject({
      name: "a2cn0",
      parent: 43,
      alwaysOn: true,
      initial: "on",
    });
    expect(firmware.powerDomains[4]).toMatchObject({ name: "reserved-4", alwaysOn: true, initial: "off" });
    expect(firmware.clocks[104]).toMatchObject({ name: "m_avb0", rate: 100_000_000, enabled: true });
  });

  test("Raspberry Pi 5 with profile ref-rpi5", () => {
    const firmware = firmwareOf("profile: ref-rpi5");
    expect(counts(firmware)).toEqual([0, 0, 4, 65, 65, 83, 5]);
    expect(firmware.protocols).toEqual(["reset", "pinctrl"]);
    expect(firmware.deviceOwnership).toBe("exclusive");
    expect(firmware.functions[38]?.name).toBe("f_mtsif");
    expect(firmware.pins[30]?.alternates).toEqual([38, 42, 44, 46, 24, 28, 73, null]);
    expect(firmware.pins[54]).toMatchObject({ name: "emmc_cmd", alternates: [] });
    expect(firmware.devices[4]?.pins).toEqual([30, 31, 32, 33, 34, 35]);
  });
});

test("other profiles have none", () => {
  for (const profile of ["v32", "ref", "tfa", "scp", "imx"]) {
    expect(counts(firmwareOf(`profile: ${profile}`))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  }
});

test("protocols that are named have the real board's resources, unless the board lists some", () => {
  const firmware = firmwareOf(
    "profile: ref-rcar",
    "protocols: [clock, reset]",
    "resets: [ { id: 0, name: r } ]",
  );
  expect(counts(firmware)).toEqual([0, 229, 1, 0, 0, 0, 0]);
  expect(counts(firmwareOf("profile: ref-rcar", "protocols: []"))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("devices are without what the board leaves out", () => {
  const firmware = firmwareOf("profile: ref-rpi5", "protocols: [reset]");
  expect(counts(firmware)).toEqual([0, 0, 4, 0, 0, 0, 5]);
  expect([firmware.devices[1]?.resets, firmware.devices[4]?.pins]).toEqual([[0, 1], []]);
});

test("an empty list is a list", () => {
  expect(counts(firmwareOf("profile: ref-rcar", "clocks: []"))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("pins that are written without alternates have those of the real board, by the board's own function ids", () => {
  const { pins } = firmwareOf(
    "profile: ref-rpi5",
    "protocols: [pinctrl]",
    "pins: [ { id: 0, name: gpio30 }, { id: 1, name: gpio0, alternates: [7] }, { id: 2, name: other } ]",
    "groups: [ { id: 0, name: g, pins: [0] } ]",
    "functions: [ { id: 7, name: f_pkt, groups: [0] }, { id: 9, name: mtsif, groups: [0] } ]",
  );
  expect(pins.map(({ alternates }) => alternates)).toEqual([
    [9, 7, null, null, null, null, null, null],
    [7],
    [],
  ]);
});
