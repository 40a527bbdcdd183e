import fc from "fast-check";
import { expect, test } from "vitest";
import { Journal } from "#base/cells.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { applyEffects, applyResponse, applySent } from "#firmware/apply.ts";
import { initialiseChannels, isInitialisation, pagesOf } from "#firmware/channel/initialise-channel.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import { pickFault } from "#firmware/faults/pick-fault.ts";
import { powerOn } from "#firmware/power-on.ts";
import type { RingOutcome } from "#firmware/ring.ts";
import { ring } from "#firmware/server.ts";
import { createFirmwareState, type FirmwareState } from "#firmware/state.ts";
import { packHeader } from "#scmi/header.ts";
import { PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { runs } from "../support/runs.ts";
import { imxConfig } from "./imx/board.ts";
import { agents, board, clock, fullBoard } from "./support/boards.ts";
import { RecordingMemory } from "./support/pages.ts";
import { powerAndPins } from "./support/power-and-pins.ts";
import { resourceBoard } from "./support/resource-board.ts";

/** How many sequences of rings are tried. */
const RUNS = runs(750, 150_000);

/** Words that mean something to some message, and words that mean nothing. */
const word = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 5 }) },
  fc.constantFrom(
    0x4000_0000,
    0xffff_ffff,
    24_000_000,
    1_843_200,
    0x1_0000,
    500,
    1500,
    0x8_0001,
    0x4_0000,
    0x405,
  ),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const header = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 0x10, max: 0x19 }),
        fc.integer({ min: 0, max: 0x11 }),
        fc.nat(0x3ff),
        fc.nat(3),
      )
      .map((parts) => packHeader(...parts)),
  },
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

interface Page {
  readonly status: number;
  readonly length: number;
  readonly header: number;
  readonly payload: readonly number[];
  readonly rest: number;
}

/** A page as any agent may leave it; more often than not, one whose message is processed. */
const page: fc.Arbitrary<Page> = fc.record({
  status: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(0, 0, 0, 4) }, fc.nat(3), word),
  length: fc.oneof(
    { weight: 20, arbitrary: fc.nat(5).map((words) => 4 + 4 * words) },
    fc.constantFrom(0, 3, 5, 96, 97, PAGE_BYTES - 0x18, PAGE_BYTES - 0x17, PAGE_BYTES, 0xffff_ffff),
  ),
  header,
  payload: fc.array(word, { maxLength: 6 }),
  rest: fc.integer({ min: 0, max: 0xff }),
});

const fault = fc.option(
  fc.record({
    action: fc.constantFrom<Fault["action"]>("status", "x0", "busy", "error", "length", "pad"),
    value: fc.oneof(word, fc.constantFrom(PAGE_BYTES, -1, -0x8000_0000)),
  }),
  { freq: 8, nil: undefined },
);

const rings = fc.array(fc.record({ agentId: fc.nat(3), page, fault }), { minLength: 1, maxLength: 12 });

const configs: FirmwareConfig[] = [
  fullBoard("ref"),
  fullBoard("ref", { switches: { smtBusyLeak: false }, deviceOwnership: "exclusive", agentCount: 6 }),
  fullBoard("ref", { switches: { sizeCheck: "atLeast", reservedFlagPolicy: "INVALID_PARAMETERS" } }),
  fullBoard("v32"),
  fullBoard("v32", { deviceOwnership: "exclusive", trustedAgents: [1] }),
  resourceBoard("v32"),
  resourceBoard("v32", {
    agents: agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 })),
    switches: { levelIndexing: true, maxListPayload: 28 },
    trustedAgents: [0, 1, 2],
  }),
  board("v32", { clocks: [clock(0, "pll", { rates: Array.from({ length: 40 }, (_, i) => i) })] }),
  powerAndPins("v32"),
  powerAndPins("v32", { switches: { powercapVersion: "3.0" }, trustedAgents: [1] }),
  powerAndPins("ref-rpi5"),
  fullBoard("ref-rcar"),
  fullBoard("ref-rpi5"),
  fullBoard("tfa"),
  resourceBoard("tfa"),
  fullBoard("scp"),
  fullBoard("scp", { switches: { scpPermNoop: false, permBackupDepth: "boot" } }),
  resourceBoard("scp"),
  powerAndPins("scp"),
  imxConfig(),
  imxConfig({ switches: { imxBugs: true } }),
];

/** The firmware's tables as text. */
function tables(state: FirmwareState): string {
  const rows = (table: { keys(): (number | string)[]; get(row: number | string): object | undefined }) =>
    table.keys().map((row) => [row, table.get(row)]);
  return JSON.stringify(Object.entries(state).map(([name, table]) => [name, rows(table)]));
}

test("whatever lies in the page, a ring stays inside it, writes only its answer, and replays to the same bytes", () => {
  const property = fc.property(fc.constantFrom(...configs), rings, (config, sequence) => {
    const live = { state: createFirmwareState(new Journal()), memory: new RecordingMemory() };
    const replayed = { state: createFirmwareState(new Journal()), memory: new RecordingMemory() };
    for (const { state, memory } of [live, replayed]) powerOn(config, state, memory);

    sequence.forEach(({ agentId, page: written, fault: wanted }, index) => {
      const shmem = 0x47ff_0000 + agentId * 0x1000;
      for (const { memory } of [live, replayed]) fill(memory.window(shmem).bytes, written);
      const before = live.memory.window(shmem).bytes.slice();
      const x = [BigInt(0x8200_0002 + agentId), 1n, 2n, 3n];
      const met = wanted && pickFault([wanted], config, live.memory, x);
      const outcome = ring(config, live.state, live.memory, x, met);

      // Replay knows the outcome alone.
      const { response, effects, notifications } = outcome;
      initialiseChannels(config, replayed.memory, effects);
      if (response !== null) applyResponse(config, replayed.memory, agentId, response);
      applySent(config, replayed.memory, notifications);
      for (const { state } of [live, replayed]) applyEffects(state, effects, index);
      const after = live.memory.window(shmem).bytes;
      for (const address of config.agents.flatMap(pagesOf)) {
        expect(changed(replayed.memory.window(address).bytes, live.memory.window(address).bytes)).toBe(null);
      }
      // A channel that was made anew is so in every byte; any other has changed in its answer alone.
      const isAnew = effects.some((effect) => isInitialisation(effect) && effect.row === agentId);
      if (!isAnew) expect(changed(before, after, answered(outcome))).toBe(null);
      expect([outcome.xOut.length, outcome.agentId]).toEqual([
        4,
        agentId < config.agents.length ? agentId : null,
      ]);
    });
    expect(tables(replayed.state)).toBe(tables(live.state));
  });
  fc.assert(property, { numRuns: RUNS });
}, 600_000);

test("the same page and state give the same outcome", () => {
  const property = fc.property(fc.constantFrom(...configs), page, fc.nat(2), (config, written, agentId) => {
    const state = createFirmwareState(new Journal());
    const memory = new RecordingMemory();
    powerOn(config, state, memory);
    fill(memory.window(0x47ff_0000 + agentId * 0x1000).bytes, written);
    const x = [BigInt(0x8200_0002 + agentId)];
    const twin = ring(config, state, memory.copy(), x);
    expect(ring(config, state, memory, x)).toEqual(twin);
  });
  fc.assert(property, { numRuns: 300 });
});

function fill(bytes: Uint8Array, { status, length, header: word, payload, rest }: Page): void {
  bytes.fill(rest);
  const view = new DataView(bytes.buffer);
  view.setUint32(SHMEM.CHANNEL_STATUS, status, true);
  view.setUint32(SHMEM.LENGTH, length, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, word, true);
  payload.forEach((value, i) => {
    view.setUint32(SHMEM.PAYLOAD + 4 * i, value, true);
  });
}

/** What an answer may write: the status word, the length word, so many bytes of payload; the header where it is another. */
function answered({ request, response }: RingOutcome): Answered {
  const isHeaderNew = response !== null && request !== null && response.header !== request.header;
  return { payload: response?.payload.length ?? 0, header: isHeaderNew ? 4 : 0 };
}

interface Answered {
  readonly payload: number;
  readonly header: number;
}

/** The first byte that differs, past what an answer may write, or null. */
function changed(before: Uint8Array, after: Uint8Array, may?: Answered): number | null {
  const open: [offset: number, bytes: number][] = may
    ? [
        [SHMEM.CHANNEL_STATUS, 4],
        [SHMEM.LENGTH, 4],
        [SHMEM.MESSAGE_HEADER, may.header],
        [SHMEM.PAYLOAD, may.payload],
      ]
    : [];
  for (let offset = 0; offset < PAGE_BYTES; offset += 1) {
    if (before[offset] === after[offset]) continue;
    if (!open.some(([from, bytes]) => offset >= from && offset < from + bytes)) return offset;
  }
  return null;
}
