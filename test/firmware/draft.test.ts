import { expect, test } from "vitest";
import { Journal } from "#base/cells.ts";
import { Draft } from "#firmware/draft.ts";
import { createFirmwareState } from "#firmware/state.ts";

function draftOf() {
  const journal = new Journal();
  const state = createFirmwareState(journal);
  state.clock.put(0, { rate: 100, enabled: false });
  state.permission.set(1, 7, true);
  journal.clear();
  return { state, journal, draft: new Draft(state) };
}

test("a read finds what was written before, and else what the tables have", () => {
  const { draft } = draftOf();
  expect([draft.get("clock", 0, "rate"), draft.get("clock", 5, "rate")]).toEqual([100, undefined]);
  draft.set("clock", 0, "rate", 200);
  draft.set("permission", 1, 7, undefined);
  expect([draft.get("clock", 0, "rate"), draft.get("permission", 1, 7)]).toEqual([200, undefined]);
  expect(draft.get("clock", 0, "enabled")).toBe(false);
});

test("the tables are not touched; what changed is in the effects, each cell once", () => {
  const { draft, journal } = draftOf();
  draft.set("clock", 0, "rate", 200);
  draft.set("permission", 1, 7, undefined);
  draft.set("clock", 0, "rate", 300);
  expect(draft.effects()).toEqual([
    { table: "clock", row: 0, column: "rate", value: 300 },
    { table: "permission", row: 1, column: "7", value: undefined },
  ]);
  expect(journal.cells).toEqual([]);
});

test("what leaves a cell as it was is no effect", () => {
  const { draft } = draftOf();
  draft.set("clock", 0, "rate", 100);
  draft.set("clock", 0, "enabled", true);
  draft.set("clock", 0, "enabled", false);
  expect(draft.effects()).toEqual([]);
  expect(draft.get("clock", 0, "enabled")).toBe(false);
});
