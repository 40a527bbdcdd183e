import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isYamlIssues, readYaml } from "#config/board/yaml-value.ts";
import { Assumptions, type BoardDraft, type DraftMap } from "#config/draft/draft.ts";
import { NoteGroups } from "#config/draft/notes.ts";
import { withSetting } from "#config/draft/settings.ts";
import { assumptionText, idsText } from "#config/draft/text.ts";
import { boardText } from "#config/draft/write.ts";
import { runs } from "../../support/runs.ts";

function draftOf(board: DraftMap, assumptions = new Assumptions()): BoardDraft {
  return { board, assumptions: assumptions.all(), notes: [] };
}

function readBack(text: string): unknown {
  const yaml = readYaml(text);
  if (isYamlIssues(yaml)) throw new Error(JSON.stringify(yaml));
  return JSON.parse(JSON.stringify(yaml.value));
}

const TEXT = fc.oneof(
  fc.string({ unit: fc.constantFrom(..." ,#:{}[]'\"\\-ab0x|>&*!%@`~?") }),
  fc.constantFrom("true", "0x10", "1e3", "null", "~", "", " a ", "# assumed: x", "a, b", "on"),
);
const LEAF = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), TEXT);
const ITEM = fc.record({
  id: fc.integer({ min: 0, max: 40 }),
  name: TEXT,
  funcId: fc.integer({ min: 0, max: 0xffff_ffff }),
  ids: fc.array(fc.integer({ min: 0, max: 99999 }), { maxLength: 60 }),
  names: fc.array(TEXT, { maxLength: 12 }),
  range: fc.record({ min: fc.nat(), max: fc.nat() }),
});

test("whatever is written is read back as it was, however long the lines are and whatever is assumed", () => {
  const why = fc.constantFrom("x", "a }, ] b", `${"a, ".repeat(60)}}`, 'it\'s, "so"');
  fc.assert(
    fc.property(fc.array(ITEM, { maxLength: 4 }), LEAF, TEXT, why, (items, leaf, name, reason) => {
      const assumptions = new Assumptions();
      for (const { id } of items) assumptions.take("firmware.clocks[].name", "x", reason, id);
      assumptions.take("name", "x", reason);
      assumptions.take("many", [], reason);
      assumptions.take("firmware.clocks", [], reason);
      const levels = Object.fromEntries(Array.from({ length: 40 }, (_, id) => [id, "EXCLUSIVE"]));
      const board = {
        name,
        leaf,
        firmware: { clocks: items, levels: { 0: { default: "NONE", clock: levels } } },
      };
      const text = boardText(draftOf(board as DraftMap, assumptions), ["A head", "", "of lines"]);
      expect(text).toMatch(/[^\n]\n$/);
      expect(readBack(text)).toEqual(JSON.parse(JSON.stringify(board)));
    }),
    { numRuns: runs(100, 2_000) },
  );
});

test("a board is written for people: addresses in hexadecimal, items on lines, what is assumed where it stands", () => {
  const assumptions = new Assumptions();
  assumptions.take("xen.version", "v10", "nobody says");
  assumptions.take("firmware.agents[].name", "a", "names are not told", 0);
  assumptions.take("firmware.agents[].p2a", 0x1000, "pages are not told", 0);
  const board = {
    name: "small",
    xen: { version: "v10" },
    firmware: {
      agents: [
        { id: 0, name: "a", funcId: 0x8200_0002, shmem: 0x47ff_0000, p2a: 0x1000 },
        { id: 1, name: "b: c", funcId: 0x8200_0003, shmem: 0x47ff_1000 },
      ],
      trustedAgents: [0, 1],
      levels: { 0: { default: "NONE", clock: { 0: "SET" } } },
    },
  };
  expect(boardText(draftOf(board, assumptions), ["Made by hand."])).toBe(`# Made by hand.

name: small
xen:
  version: v10 # assumed: nobody says
firmware:
  agents:
    - { id: 0, name: a, funcId: 0x82000002, shmem: 0x47ff0000, p2a: 0x1000 } # assumed: name, p2a
    - { id: 1, name: "b: c", funcId: 0x82000003, shmem: 0x47ff1000 }
  trustedAgents: [ 0, 1 ]
  levels:
    0:
      default: NONE
      clock: { 0: SET }
`);
});

describe("settings", () => {
  const assumptions = new Assumptions();
  assumptions.take("name", "x", "why");
  for (const id of [3, 4]) assumptions.take("firmware.clocks[].rate", 1, "why", id);
  const draft = draftOf(
    {
      name: "x",
      firmware: {
        vendor: "",
        clocks: [
          { id: 3, rate: 1 },
          { id: 4, rate: 1 },
        ],
      },
    },
    assumptions,
  );
  const set = (setting: string): BoardDraft => {
    const made = withSetting(draft, setting);
    if (typeof made === "string") throw new Error(made);
    return made;
  };

  test("set a field, and it is assumed no more", () => {
    expect(set("name=my board").board["name"]).toBe("my board");
    expect(set("name=my board").assumptions.map(({ field }) => field)).toEqual(["firmware.clocks[].rate"]);
    expect(set("firmware.vendor=").board).toMatchObject({ firmware: { vendor: "" } });
  });

  test("set a field of an item by its id, one that is not there too, in YAML", () => {
    const made = set("firmware.clocks.4.rate=0x10");
    expect(made.board).toMatchObject({
      firmware: {
        clocks: [
          { id: 3, rate: 1 },
          { id: 4, rate: 16 },
        ],
      },
    });
    expect(made.assumptions.at(-1)?.ids).toEqual([3]);
    expect(set("firmware.clocks[3].parents=[4]").board).toMatchObject({
      firmware: { clocks: [{ parents: [4] }, {}] },
    });
    expect(draft.board).toMatchObject({ firmware: { clocks: [{ rate: 1 }, { rate: 1 }] } });
  });

  test.each([
    ["firmware.clocks.7.rate=1", "there is no item with the id 7"],
    ["nothing.there=1", "there is no field nothing there"],
    ["name.of=1", "there is no field of there"],
    ["name", "name is not of the form FIELD=VALUE"],
    ["name={", "name={: "],
    ["toString.x=1", "there is no field toString there"],
  ])("%s is refused", (setting, refusal) => {
    expect(withSetting(draft, setting)).toContain(refusal);
  });
});

test("assumptions are told in a line, of many items at once", () => {
  const assumptions = new Assumptions();
  for (const id of [2, 0, 1, 7])
    assumptions.take("firmware.agents[].shmem", 0x1000, "the file is silent", id);
  for (const id of [0, 1]) assumptions.take("firmware.agents[].funcId", 0x8200_0000 + id, "in a row", id);
  expect(assumptions.all().map(assumptionText)).toEqual([
    "assumed: firmware.agents[].shmem of 0 to 2, 7 = 0x1000: the file is silent",
    "assumed: firmware.agents[].funcId of 0, 1: in a row",
  ]);
  expect(idsText([5, 6, 9, 8, 7, 1])).toBe("1, 5 to 9");
});

test("a hostile file's notes are counted, not kept", () => {
  const notes = new NoteGroups();
  for (let i = 0; i < 5_000; i += 1) notes.say(`f:${i}`, "is odd");
  for (let i = 0; i < 5_000; i += 1) notes.add("same", `x${i}`, `f:${i}`, (count) => `${count} alike`);
  expect(notes.all().length).toBeLessThan(510);
  expect(notes.all().at(-1)?.message).toMatch(/^and \d+ more of other kinds$/);
});
