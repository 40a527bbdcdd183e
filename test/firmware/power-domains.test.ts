import { expect, test } from "vitest";
import type { ProfileName } from "#config/board/board.ts";
import { board, powerDomain } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

const ON = 0;
const OFF = 0x4000_0000;

/** gpu (1) below its supply (0), and a cluster (2) of two shader domains (3, 4). */
const domains = [
  powerDomain(0, "supply"),
  powerDomain(1, "gpu", { parent: 0 }),
  powerDomain(2, "cluster", { parent: 1 }),
  powerDomain(3, "shader-0", { parent: 2 }),
  powerDomain(4, "shader-1", { parent: 2 }),
];

function firmwareOf(profile: ProfileName, powerDomains = domains) {
  const firmware = new TestFirmware(board(profile, { powerDomains }));
  const set = (id: number, state: number) => firmware.status(1, "power", "POWER_STATE_SET", 0, id, state);
  return {
    on: (id: number) => set(id, ON),
    off: (id: number) => set(id, OFF),
    isOn: (id: number) => firmware.call(2, "power", "POWER_STATE_GET", id)[1] === ON,
    counts: () => powerDomains.map(({ id }) => firmware.state.powerDomain.at(id).count),
    firmware,
  };
}

test("ref: the first ON switches the parents on too, later ones only count", () => {
  const { on, isOn, counts } = firmwareOf("ref");
  expect(counts()).toEqual([0, 0, 0, 0, 0]);
  expect(on(3)).toBe("SUCCESS");
  expect(counts()).toEqual([1, 1, 1, 1, 0]);
  expect([0, 1, 2, 3, 4].map(isOn)).toEqual([true, true, true, true, false]);
  expect([on(3), on(4), on(4)]).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);
  expect(counts()).toEqual([1, 1, 2, 2, 2]);
});

test("ref: the last OFF switches off what nobody else holds", () => {
  const { on, off, isOn, counts } = firmwareOf("ref");
  for (const id of [3, 3, 4]) on(id);
  expect(off(3)).toBe("SUCCESS");
  expect([counts(), isOn(3)]).toEqual([[1, 1, 2, 1, 1], true]);
  expect(off(3)).toBe("SUCCESS");
  expect([counts(), isOn(3), isOn(2)]).toEqual([[1, 1, 1, 0, 1], false, true]);
  expect(off(4)).toBe("SUCCESS");
  expect(counts()).toEqual([0, 0, 0, 0, 0]);
});

test("ref: OFF of what is off is BUSY and changes nothing", () => {
  const { off, firmware } = firmwareOf("ref");
  const { effects } = firmware.send(1, { header: 0x4404, payload: [0, 3, OFF] });
  expect(effects).toEqual([]);
  expect(off(3)).toBe("BUSY");
});

test("ref: one agent can drop another's reference, and the parent's BUSY is answered for a domain that went off", () => {
  const { on, off, isOn, counts } = firmwareOf("ref");
  on(1);
  // Somebody takes the supply away below the gpu.
  expect(off(0)).toBe("SUCCESS");
  expect(counts()).toEqual([0, 1, 0, 0, 0]);
  expect(off(1)).toBe("BUSY");
  expect([isOn(1), counts()]).toEqual([false, [0, 0, 0, 0, 0]]);
});

test("ref: an always-on domain counts, but never goes off", () => {
  const { on, off, isOn, counts } = firmwareOf("ref", [
    powerDomain(0, "always-on", { alwaysOn: true }),
    powerDomain(1, "child", { parent: 0 }),
  ]);
  expect(counts()).toEqual([1, 0]);
  expect([on(0), counts()]).toEqual(["SUCCESS", [2, 0]]);
  expect([off(0), off(0)]).toEqual(["SUCCESS", "BUSY"]);
  expect([isOn(0), counts()]).toEqual([true, [1, 0]]);
  expect([on(1), off(1), counts()]).toEqual(["SUCCESS", "SUCCESS", [1, 0]]);
});

test("at power-on, domains that start on hold their parents, whatever order they are listed in", () => {
  const listed = [
    powerDomain(42, "a2cn0", { parent: 43, alwaysOn: true }),
    powerDomain(41, "a1cnn0", { parent: 42, initial: "on" }),
    powerDomain(43, "a3ir", { alwaysOn: true }),
    powerDomain(44, "other", { parent: 43 }),
  ];
  // As the R-Car's forced domains: 41 has one user, 42 and 43 two.
  for (const order of [listed, listed.toReversed()]) {
    for (const profile of ["ref", "v32"] as const) {
      const { firmware } = firmwareOf(profile, order);
      const counts = [41, 42, 43, 44].map((id) => firmware.state.powerDomain.at(id).count);
      expect(counts).toEqual([1, 2, 2, 0]);
    }
  }
});

test("v32: asking twice is asking once", () => {
  const { on, off, isOn, counts } = firmwareOf("v32");
  expect([on(3), on(3), counts()]).toEqual(["SUCCESS", "SUCCESS", [1, 1, 1, 1, 0]]);
  expect([off(3), off(3), counts()]).toEqual(["SUCCESS", "SUCCESS", [0, 0, 0, 0, 0]]);
  expect(isOn(0)).toBe(false);
});

test("v32: a domain stays on while a child is, and goes off with the last of them", () => {
  const { on, off, isOn } = firmwareOf("v32");
  for (const id of [2, 3]) on(id);
  expect([off(2), isOn(2)]).toEqual(["SUCCESS", true]);
  expect([off(3), isOn(3), isOn(2), isOn(0)]).toEqual(["SUCCESS", false, false, false]);
});

test("v32: OFF of an always-on domain is taken, and it stays on", () => {
  const { off, isOn, counts } = firmwareOf("v32", [powerDomain(0, "always-on", { alwaysOn: true })]);
  expect([off(0), isOn(0), counts()]).toEqual(["SUCCESS", true, [1]]);
});
