import { expect, test, vi } from "vitest";
import { isProblem } from "#base/problem.ts";
import { decodeMessage, encodeRequest } from "#scmi/codec.ts";
import { packHeader } from "#scmi/header.ts";
import { commandById, findCommand } from "#scmi/registry.ts";
import { boardOf, boardWith, refusalOf } from "../support/boards.ts";
import { fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange } from "./support/frames.ts";
import { LEDS } from "./vendor/leds.ts";

/** The example of docs/vendor-protocols.md, with its one line: all that a vendor's protocol takes. */
vi.mock("#scmi/vendor-protocols.ts", async () => ({
  VENDOR_PROTOCOLS: [(await import("./vendor/leds.ts")).LEDS],
}));

function firmware(): TestFirmware {
  const { supports } = fullBoard("v32");
  return new TestFirmware(
    fullBoard("v32", { protocols: ["clock", 0x80], supports: { ...supports, setProtocolPermissions: true } }),
  );
}

test("its messages are served, byte by byte, each check in its order", () => {
  const leds = firmware();
  expect(exchange(leds, 1, "00000004 00020000")).toBe("0000000C 00000000 00010000");
  expect(exchange(leds, 1, "00000004 00020001")).toBe("0000000C 00000000 00000003");
  expect(exchange(leds, 1, "00000008 00020002 00000003")).toBe("0000000C 00000000 00000000");
  expect(exchange(leds, 1, "00000008 00020002 00000005")).toBe("00000008 FFFFFFFC");
  expect(exchange(leds, 1, "00000004 00020005")).toBe("00000008 FFFFFFFF");
  expect(exchange(leds, 2, "00000008 00020003 00000003")).toBe("00000008 FFFFFFF6");
  expect(exchange(leds, 2, "0000000C 00020003 00000003 00000065")).toBe("00000008 FFFFFFFC");
  expect(exchange(leds, 2, "0000000C 00020003 00000002 00000065")).toBe("00000008 FFFFFFFD");
  expect(exchange(leds, 1, "0000000C 00020003 00000002 00000065")).toBe("00000008 FFFFFFFE");
  expect(exchange(leds, 1, "0000000C 00020003 00000002 00000032")).toBe("00000008 00000000");
  expect(exchange(leds, 2, "00000008 00020004 00000002")).toBe("0000000C 00000000 00000032");
  expect(leds.state.vendor.get(0x80)).toEqual({ led2: 50 });
});

test("base lists it by its id, and permissions can be set for it alone", () => {
  const leds = firmware();
  expect(leds.call(1, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 0)).toEqual([0, 2, 0x8014]);
  const set = () => leds.status(1, "leds", "LED_SET", 0, 1);
  expect(leds.status(0, "base", "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, 0x80, 0)).toBe("SUCCESS");
  expect([set(), leds.status(1, "clock", "CLOCK_CONFIG_SET", 0, 1)]).toEqual(["DENIED", "SUCCESS"]);
  expect(leds.status(0, "base", "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, 0x80, 1)).toBe("SUCCESS");
  expect(set()).toBe("SUCCESS");
});

test("its messages are called and decoded by name", () => {
  expect(commandById(0x80, 0x3)).toBe(LEDS.commands["LED_SET"]);
  const command = findCommand("leds", "LED_SET");
  const payload = isProblem(command) ? command : encodeRequest(command, { ledId: 1, brightness: 50 });
  expect(payload).toEqual(Uint8Array.of(1, 0, 0, 0, 50, 0, 0, 0));
  expect(decodeMessage(packHeader(0x80, 0x3), payload as Uint8Array, "a2p")).toEqual({
    protocol: "leds",
    message: "LED_SET",
    token: 0,
    ledId: 1,
    brightness: 50,
  });
});

test("a board names it by its id, and one that does not list it does not have it", () => {
  expect(boardOf(boardWith("protocols: [0x80]")).firmware.protocols).toEqual([0x80]);
  expect(refusalOf(boardWith("protocols: [0x7f]"))).toContain("protocols[0]");
  expect(refusalOf(boardWith("protocols: [0x80, 128]"))).toContain("found 128 again");
  const without = new TestFirmware(fullBoard("v32", { protocols: ["clock"] }));
  expect(without.status(1, "leds", "PROTOCOL_VERSION")).toBe("NOT_SUPPORTED");
});

test("an id below 0x80 is SCMI's own", async () => {
  const { vendorProtocol } = await import("#scmi/vendor.ts");
  const standard = { name: "x", protocolId: 0x7f, version: 0x1_0000, doc: "", commands: {} };
  expect(() => vendorProtocol(standard, {})).toThrow(/^bug: /);
});
