import { expect, test } from "vitest";
import { Journal } from "#base/cells.ts";
import { powerOn } from "#firmware/power-on.ts";
import { createFirmwareState } from "#firmware/state.ts";
import { PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { fullBoard } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";
import { RecordingMemory } from "./support/pages.ts";

test("every clock and power domain starts as the board file says", () => {
  const { state } = new TestFirmware(fullBoard("ref"));
  expect(state.clock.ids().map((id) => state.clock.at(id))).toEqual([
    { rate: 24_000_000, enabled: false },
    { rate: 400_000_000, enabled: true },
    { rate: 1_000_000_000, enabled: true },
  ]);
  expect(state.powerDomain.ids().map((id) => [id, state.powerDomain.at(id)])).toEqual([
    [0, { on: true, count: 1 }],
    [1, { on: false, count: 0 }],
    [3, { on: false, count: 0 }],
  ]);
  expect([state.permission.size, state.channel.size, state.reset.size]).toEqual([0, 0, 0]);
});

test("the header of each listed agent's page is zero but for FREE; the payload and other pages stay", () => {
  const memory = new RecordingMemory();
  for (const address of [0x47ff_0000, 0x47ff_2000, 0x47ff_3000]) memory.window(address).bytes.fill(0x5a);
  powerOn(fullBoard("ref"), createFirmwareState(new Journal()), memory);
  for (const address of [0x47ff_0000, 0x47ff_2000]) {
    const { bytes } = memory.window(address);
    expect(words(bytes.slice(0, SHMEM.PAYLOAD))).toEqual([0, 1, 0, 0, 0, 0, 0]);
    expect(bytes.slice(SHMEM.PAYLOAD)).toEqual(new Uint8Array(PAGE_BYTES - SHMEM.PAYLOAD).fill(0x5a));
  }
  expect(memory.window(0x47ff_1000).bytes[SHMEM.CHANNEL_STATUS]).toBe(1);
  expect(memory.window(0x47ff_3000).bytes).toEqual(new Uint8Array(PAGE_BYTES).fill(0x5a));
});

test("a second power-on undoes all that messages did, a wedged channel too, and journals only what differs", () => {
  const journal = new Journal();
  const state = createFirmwareState(journal);
  const memory = new RecordingMemory();
  const config = fullBoard("ref");
  powerOn(config, state, memory);
  journal.clear();
  powerOn(config, state, memory);
  expect(journal.cells).toEqual([]);

  state.clock.set(0, "rate", 1_843_200);
  state.powerDomain.put(1, { on: true, count: 4 });
  state.permission.set(1, 0, true);
  state.reset.put(0, { lastAgent: 1, lastFlags: 1, lastState: 0 });
  state.channel.put(2, { wedged: true, wedgedSeq: 7 });
  journal.clear();
  powerOn(config, state, memory);
  const undone = journal.cells.map(({ table, row, column, after }) => [table.name, row, column, after]);
  expect(undone).toEqual([
    ["firmware/clock", 0, "rate", 24_000_000],
    ["firmware/powerDomain", 1, "on", false],
    ["firmware/powerDomain", 1, "count", 0],
    ["firmware/reset", 0, "lastAgent", undefined],
    ["firmware/reset", 0, "lastFlags", undefined],
    ["firmware/reset", 0, "lastState", undefined],
    ["firmware/permission", 1, "0", undefined],
    ["firmware/channel", 2, "wedged", undefined],
    ["firmware/channel", 2, "wedgedSeq", undefined],
  ]);
});
