import { expect, test } from "vitest";
import type { ProfileName } from "#config/board/board.ts";
import { packHeader } from "#scmi/header.ts";
import { PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { board, fullBoard } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";

const VERSION = packHeader(0x10, 0x0);
const MESSAGE_ATTRIBUTES = packHeader(0x10, 0x2);
const PROFILES: ProfileName[] = ["ref", "v32"];

/** The words of a page from the channel status on, one for a name. */
function channel(firmware: TestFirmware, agentId: number) {
  const { bytes } = firmware.page(agentId);
  const [, status, , , , length, header, payload] = words(bytes.slice(0, 0x20));
  return { status, length, header, payload };
}

test("ref: golden frame (a), a length of 3 is refused and all else stays", () => {
  const firmware = new TestFirmware(board("ref"));
  const { xOut, response } = firmware.send(1, { length: 3, header: VERSION, payload: [7] });
  expect(xOut[0]).toBe(0n);
  expect(channel(firmware, 1)).toEqual({ status: 3, length: 3, header: VERSION, payload: 7 });
  expect(response).toEqual({ channelStatus: 3, length: 3, header: VERSION, payload: new Uint8Array(0) });
});

test("ref: golden frame (b), a doorbell while the channel is free is refused", () => {
  const firmware = new TestFirmware(board("ref"));
  const { xOut } = firmware.send(1, { status: 1, header: VERSION, payload: [] });
  expect(xOut[0]).toBe(0n);
  expect(channel(firmware, 1)).toMatchObject({ status: 3, length: 4, header: VERSION });
});

test.each([
  ["a length below 4", { length: 3 }],
  ["a length above 96", { length: 97 }],
  ["the greatest length", { length: 0xffff_ffff }],
  ["FREE set", { status: 1 }],
  ["ERROR set", { status: 2 }],
])("ref: %s wedges the channel for ever, and no other", (_, wrong) => {
  const firmware = new TestFirmware(board("ref"));
  const { effects } = firmware.send(1, { header: VERSION, payload: [], ...wrong });
  expect(effects).toEqual([{ table: "channel", row: 1, column: "wedged", value: true }]);
  expect(firmware.state.channel.get(1)).toEqual({ wedged: true, wedgedSeq: 1 });

  const later = firmware.send(1, { header: MESSAGE_ATTRIBUTES, payload: [0] });
  expect(channel(firmware, 1)).toEqual({ status: 3, length: 8, header: MESSAGE_ATTRIBUTES, payload: 0 });
  expect(later).toMatchObject({ xOut: [0n, 0n, 0n, 0n], effects: [] });
  expect(firmware.state.channel.get(1)).toEqual({ wedged: true, wedgedSeq: 1 });
  expect(firmware.status(2, "base", "PROTOCOL_VERSION")).toBe("SUCCESS");
});

test("ref: resetting its agent does not free a wedged channel", () => {
  const firmware = new TestFirmware(board("ref"));
  firmware.send(1, { length: 0, header: VERSION, payload: [] });
  expect(firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 1)).toBe("SUCCESS");
  expect(firmware.send(1, { header: VERSION, payload: [] }).response?.channelStatus).toBe(3);
});

test("ref with smtBusyLeak off: a refused ring is forgotten", () => {
  const firmware = new TestFirmware(board("ref", { switches: { smtBusyLeak: false } }));
  expect(firmware.send(1, { length: 0, header: VERSION, payload: [] }).effects).toEqual([]);
  expect(firmware.status(1, "base", "PROTOCOL_VERSION")).toBe("SUCCESS");
});

test("ref: lengths from 4 to 96 are taken, v32 takes what the page holds", () => {
  const lengths = { ref: [4, 96], v32: [4, 97, PAGE_BYTES - 0x18] } as const;
  for (const [profile, taken] of Object.entries(lengths)) {
    for (const length of taken) {
      const firmware = new TestFirmware(board(profile as ProfileName));
      expect(firmware.send(1, { length, header: VERSION, payload: [] }).response?.channelStatus).toBe(1);
    }
  }
});

test.each([
  ["a length below 4", { length: 3 }],
  ["a length beyond the page", { length: PAGE_BYTES - 0x17 }],
  ["FREE set", { status: 1 }],
  ["ERROR set", { status: 2 }],
])("v32: %s is refused, and the next message is served", (_, wrong) => {
  const firmware = new TestFirmware(board("v32"));
  const { xOut, effects } = firmware.send(1, { header: VERSION, payload: [5], ...wrong });
  expect([xOut, effects]).toEqual([[0n, 0n, 0n, 0n], []]);
  expect(channel(firmware, 1)).toMatchObject({ status: 3, header: VERSION, payload: 5 });
  expect(firmware.status(1, "base", "PROTOCOL_VERSION")).toBe("SUCCESS");
});

test("the other bits of the status word are kept by ref, and cleared by v32", () => {
  const done = (profile: ProfileName, wrong: object) =>
    new TestFirmware(board(profile)).send(1, { status: 0xffff_fffc, header: VERSION, payload: [], ...wrong })
      .response?.channelStatus;
  expect([done("ref", {}), done("ref", { length: 0 })]).toEqual([0xffff_fffd, 0xffff_ffff]);
  expect([done("v32", {}), done("v32", { length: 0 })]).toEqual([1, 3]);
});

test("the header word is kept as found, whatever its type, token and reserved bits", () => {
  for (const profile of PROFILES) {
    const header = (VERSION | 0xfffc_0300) >>> 0;
    const firmware = new TestFirmware(board(profile));
    const { response } = firmware.send(1, { header, payload: [] });
    expect(response).toMatchObject({ channelStatus: 1, length: 12, header });
    expect(words(response?.payload as Uint8Array)).toEqual([0, 0x2_0000]);
  }
});

test("x1 to x3 come back as passed from ref, and as 0 from v32; ref's x0 is 0 whatever happened", () => {
  const x = [0x8200_0003n, 1n, 2n, 0xffff_ffff_ffff_ffffn, 4n];
  expect(new TestFirmware(board("ref")).smc(x).xOut).toEqual([0n, 1n, 2n, 0xffff_ffff_ffff_ffffn]);
  expect(new TestFirmware(board("v32")).smc(x).xOut).toEqual([0n, 0n, 0n, 0n]);
});

test.each([
  ["a fast SiP id", 0x8200_0100n, 0xffff_ffffn],
  ["the SMC64 twin of a known id", 0xc200_0002n, 0xffff_ffffn],
  ["a yielding SiP id", 0x0200_0002n, 0xffff_ffff_ffff_ffffn],
  ["an id of another owner", 0x8400_0000n, 0xffff_ffff_ffff_ffffn],
])("an unknown function id, %s, touches nothing", (_, id, x0) => {
  const ref = new TestFirmware(board("ref")).smc([id, 1n, 2n, 3n]);
  const nothing = { agentId: null, request: null, response: null, effects: [], notifications: [] };
  expect(ref).toEqual({ xOut: [x0, 1n, 2n, 3n], ...nothing });
  const v32 = new TestFirmware(board("v32")).smc([id, 1n, 2n, 3n]);
  expect(v32).toEqual({ xOut: [0xffff_ffff_ffff_ffffn, 0n, 0n, 0n], ...nothing });
});

test("the function id is the low word of x0, as SMCCC has it", () => {
  const firmware = new TestFirmware(board("ref"));
  expect(firmware.smc([0x1_8200_0002n]).agentId).toBe(0);
  expect(firmware.smc([]).agentId).toBe(null);
});

test("outside its answer, the firmware touches no byte of the page", () => {
  for (const profile of PROFILES) {
    const firmware = new TestFirmware(fullBoard(profile));
    firmware.page(1).bytes.fill(0xc5);
    firmware.call(1, "clock", "CLOCK_DESCRIBE_RATES", 0, 0);
    const { bytes } = firmware.page(1);
    const answered = SHMEM.PAYLOAD + 24;
    expect(bytes.slice(0, 4)).toEqual(new Uint8Array(4).fill(0xc5));
    expect(bytes.slice(8, SHMEM.LENGTH)).toEqual(new Uint8Array(12).fill(0xc5));
    expect(bytes.slice(answered)).toEqual(new Uint8Array(PAGE_BYTES - answered).fill(0xc5));
  }
});

test("a refused ring writes the status word and nothing else", () => {
  for (const profile of PROFILES) {
    const firmware = new TestFirmware(fullBoard(profile));
    firmware.page(1).accesses.length = 0;
    firmware.ring(1);
    const writes = firmware.page(1).accesses.filter(({ kind }) => kind === "write");
    expect(writes).toEqual([{ kind: "write", bytes: 4, offset: SHMEM.CHANNEL_STATUS }]);
  }
});

test("an answer is written by aligned words, each once, and the status comes last", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  firmware.write(1, { header: packHeader(0x14, 0x6), payload: [0] });
  firmware.page(1).accesses.length = 0;
  firmware.ring(1);
  const reads = firmware.page(1).accesses.filter(({ kind }) => kind === "read");
  expect(reads.map(({ bytes, offset }) => [bytes, offset])).toEqual([
    [4, SHMEM.CHANNEL_STATUS],
    [4, SHMEM.LENGTH],
    [4, SHMEM.MESSAGE_HEADER],
    [4, SHMEM.PAYLOAD],
  ]);
  const writes = firmware.page(1).accesses.filter(({ kind }) => kind === "write");
  expect(writes.map(({ bytes, offset }) => [bytes, offset])).toEqual([
    [4, SHMEM.PAYLOAD],
    [4, SHMEM.PAYLOAD + 4],
    [4, SHMEM.PAYLOAD + 8],
    [4, SHMEM.LENGTH],
    [4, SHMEM.CHANNEL_STATUS],
  ]);
});

test("only the tail of a list of odd length is written by single bytes", () => {
  const firmware = new TestFirmware(board("ref"));
  firmware.write(1, { header: packHeader(0x10, 0x6), payload: [0] });
  firmware.page(1).accesses.length = 0;
  firmware.ring(1);
  const bytewise = firmware.page(1).accesses.filter(({ kind, bytes }) => kind === "write" && bytes === 1);
  expect(bytewise.map(({ offset }) => offset - SHMEM.PAYLOAD)).toEqual([8, 9, 10]);
});

test("v32 pads a list of odd length with zeros", () => {
  const firmware = new TestFirmware(board("v32"));
  firmware.page(1).bytes.fill(0xaa);
  expect(firmware.call(1, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 0)).toEqual([0, 3, 0x0014_1611]);
});
