import { expect, test } from "vitest";
import { PROTOCOL_NAMES } from "#config/board/board.ts";
import { PROTOCOL_BINDINGS } from "#config/board/protocol-bindings.ts";
import { PROTOCOL_IDS } from "#scmi/registry.ts";

test("device trees and messages know the protocols by the same ids, in the same order", () => {
  const ids = PROTOCOL_NAMES.map((name) => PROTOCOL_BINDINGS[name].id);
  expect(ids).toEqual(PROTOCOL_NAMES.map((name) => PROTOCOL_IDS[name]));
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});
