import { expect, test } from "vitest";
import type { Fault } from "#firmware/faults/faults.ts";
import { pickFault } from "#firmware/faults/pick-fault.ts";
import { packHeader } from "#scmi/header.ts";
import { PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import { fullBoard } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";

const GRANT = { header: packHeader(0x10, 0x9), payload: [1, 1, 0] };
const VERSION = { header: packHeader(0x10, 0x0), payload: [] };
const PROFILES = ["ref", "v32"] as const;

test.each(PROFILES)("%s, status: the answer is this status, and nothing was executed", (profile) => {
  const firmware = new TestFirmware(fullBoard(profile));
  for (const value of [-3, 5, -0x8000_0000, -128n]) {
    const { xOut, response, effects } = firmware.send(0, GRANT, { action: "status", value });
    expect([xOut[0], response?.channelStatus, response?.length]).toEqual([0n, 1, 8]);
    expect(words(response?.payload as Uint8Array)).toEqual([Number(value) >>> 0]);
    expect(effects).toEqual([]);
  }
});

test.each(PROFILES)("%s, x0: the SMC returns this value and the message waits on", (profile) => {
  const firmware = new TestFirmware(fullBoard(profile));
  const before = new TestFirmware(fullBoard(profile));
  before.write(0, GRANT);
  const { xOut, request, response, effects } = firmware.send(0, GRANT, {
    action: "x0",
    value: 0xffff_ffff_ffff_fffdn,
  });
  expect([xOut[0], effects]).toEqual([0xffff_ffff_ffff_fffdn, []]);
  expect(firmware.page(0).bytes).toEqual(before.page(0).bytes);
  expect(response).toEqual({ ...request, channelStatus: 0, length: 16 });
  expect(firmware.smc([0x1234n], { action: "x0", value: 7n })).toMatchObject({
    xOut: [7n, 0n, 0n, 0n],
    agentId: null,
  });
});

test.each(PROFILES)("%s, busy: the message is carried out, but the channel is not FREE", (profile) => {
  const firmware = new TestFirmware(fullBoard(profile));
  const { response, effects } = firmware.send(0, GRANT, { action: "busy" });
  expect(response).toMatchObject({ channelStatus: 0, length: 8, payload: new Uint8Array(4) });
  expect(effects).toHaveLength(1);
  expect(firmware.page(0).bytes[SHMEM.CHANNEL_STATUS]).toBe(0);
});

test.each(PROFILES)(
  "%s, error: the request is left in place, with FREE and ERROR, and the channel lives on",
  (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    const { response, effects } = firmware.send(0, GRANT, { action: "error" });
    expect(response).toMatchObject({ channelStatus: 3, length: 16, header: GRANT.header });
    expect(words(response?.payload as Uint8Array)).toEqual(GRANT.payload);
    expect(effects).toEqual([]);
    expect(firmware.status(0, "base", "PROTOCOL_VERSION")).toBe("SUCCESS");
  },
);

test.each(PROFILES)("%s, length: the answer is whole, only its length word is this one", (profile) => {
  const firmware = new TestFirmware(fullBoard(profile));
  const short = firmware.send(0, VERSION, { action: "length", value: 3 });
  expect(short.response).toMatchObject({ channelStatus: 1, length: 3 });
  expect(words(firmware.page(0).bytes.slice(SHMEM.PAYLOAD, SHMEM.PAYLOAD + 8))).toEqual([0, 0x2_0000]);
  const negative = firmware.send(0, VERSION, { action: "length", value: 0x8000_0004 });
  expect(negative.response).toMatchObject({ length: 0x8000_0004, payload: short.response?.payload });
  const long = firmware.send(0, VERSION, { action: "length", value: 4 + PAYLOAD_BYTES_MAX });
  expect(long.response?.payload).toEqual(firmware.page(0).bytes.slice(SHMEM.PAYLOAD));
});

test.each(PROFILES)(
  "%s, pad: the payload has this many zero bytes more, as far as the page goes",
  (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    firmware.page(0).bytes.fill(0xee, SHMEM.PAYLOAD);
    const { response } = firmware.send(0, GRANT, { action: "pad", value: 9 });
    expect(response).toMatchObject({ channelStatus: 1, length: 17, payload: new Uint8Array(13) });
    expect(firmware.page(0).bytes.slice(SHMEM.PAYLOAD, SHMEM.PAYLOAD + 14)).toEqual(
      Uint8Array.from([...new Uint8Array(13), 0xee]),
    );
    const all = firmware.send(0, GRANT, { action: "pad", value: 1_000_000 });
    expect(all.response).toMatchObject({
      length: 4 + PAYLOAD_BYTES_MAX,
      payload: new Uint8Array(PAYLOAD_BYTES_MAX),
    });
  },
);

test("a refused ring is refused whatever the fault", () => {
  for (const action of ["status", "busy", "error", "length", "pad"] as const) {
    const firmware = new TestFirmware(fullBoard("v32"));
    const { response } = firmware.send(0, { ...GRANT, status: 1 }, { action, value: 9 });
    expect(response).toMatchObject({ channelStatus: 3, length: 16 });
  }
});

/** The fault that a ring meets, by its place in the list. */
function picked(faults: readonly Fault[], { status = 0, x0 = 0x8200_0003n, header = GRANT.header } = {}) {
  const firmware = new TestFirmware(fullBoard("ref"));
  firmware.write(1, { status, header, payload: [] });
  const found = pickFault(faults, firmware.config, firmware.memory, [x0]);
  return found === undefined ? null : faults.indexOf(found);
}

test("the first fault that matches is met", () => {
  const faults: Fault[] = [
    { action: "busy", message: "BASE_RESET_AGENT_CONFIGURATION" },
    { action: "busy", funcId: 0x8200_0002 },
    { action: "status", message: "BASE_SET_DEVICE_PERMISSIONS", funcId: 0x8200_0003 },
    { action: "error" },
  ];
  expect(picked(faults)).toBe(2);
  expect(picked(faults, { header: packHeader(0x14, 0x5) })).toBe(3);
  expect(picked(faults, { x0: 0x8200_0002n })).toBe(1);
  expect(picked(faults.slice(0, 2))).toBe(null);
});

test("a fault with a message meets only a pending one", () => {
  const faults: Fault[] = [{ action: "status", message: "BASE_SET_DEVICE_PERMISSIONS" }];
  expect(picked(faults, { status: 0 })).toBe(0);
  expect(picked(faults, { status: 2 })).toBe(0);
  expect(picked(faults, { status: 1 })).toBe(null);
  expect(picked([{ action: "status" }], { status: 1 })).toBe(0);
  expect(picked(faults, { header: packHeader(0x14, 0x55) })).toBe(null);
  expect(picked([{ action: "x0", message: "RESET" }], { x0: 0x1234n })).toBe(null);
});

test("of an unknown function id, only x0 is met", () => {
  const x0 = 0x1234n;
  expect(picked([{ action: "busy" }, { action: "x0" }], { x0 })).toBe(1);
  expect(picked([{ action: "x0", funcId: 0x1234 }], { x0 })).toBe(0);
  expect(picked([], { x0 })).toBe(null);
});
