import { describe, expect, test } from "vitest";
import { readDtcMessages } from "#config/lint/dtc-messages.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";
import { hostTree } from "./host-tree.ts";
import { findings, rules } from "./lint-input.ts";

describe("a source that does not compile", () => {
  test.each<[string, string, string, number | null, string]>([
    [
      "has a property after a sub-node",
      "Error: h.dts:4.3-11 Properties must precede subnodes",
      "a;",
      4,
      "A property stands after a sub-node",
    ],
    [
      "has a label twice",
      "h.dts:4.8-12: ERROR (duplicate_label): /b: Duplicate label 'x' on /b and /a",
      "x: b {};",
      4,
      "Duplicate label 'x' on /b and /a",
    ],
    [
      "has an arrow",
      "Error: h.dts:3.13-14 syntax error",
      "b = <1>;  <--- the agent",
      3,
      "An arrow is no comment",
    ],
    ["is for the preprocessor", "Error: h.dts:2.1-9 syntax error", "#include <x.h>", 2, "the C preprocessor"],
    ["has any other error", "Error: h.dts:2.5-9 syntax error", "a = <b>", 2, "syntax error (column 5)"],
    ["lacks a file", 'FATAL ERROR: Couldn\'t open "x.dtsi": No such file', "", null, "Couldn't open"],
    ["is refused without a word", "h.dts:1.1-2: Warning (x): y", "", null, "without a word"],
  ])("because it %s", (_what, stderr, source, line, message) => {
    const messages = readDtcMessages(stderr).map((said) => ({ ...said, source }));
    const found = findings({ uncompiled: [{ file: "h.dts", messages }] });
    expect(found).toMatchObject([{ rule: "DT001", severity: "E", file: "h.dts", line, node: null }]);
    expect(found[0]?.message).toContain(message);
  });
});

describe("underscores", () => {
  const named = (name: string, compatible: string): DtbNode => ({
    children: { [name]: { props: { compatible }, children: { not_mine: {} } } },
  });

  test.each(["arm,scmi-shmem", "xen,sci", "arm,scmi-smc"])(
    "in the name of a node of %s are advised against",
    (compatible) => {
      const found = findings({ loose: [named("scmi_x@1", compatible)] });
      expect(found).toMatchObject([
        {
          rule: "DT002",
          severity: "I",
          file: "loose-0.dtb",
          node: "/scmi_x@1",
          message: expect.stringContaining("scmi-x"),
        },
      ]);
      expect(rules({ loose: [named("scmi-x@1", compatible)] })).toEqual([]);
    },
  );

  test("in many nodes of a name are told once", () => {
    const pages = Object.fromEntries(
      [0, 1, 2].map((at) => [`a_b@${at}`, { props: { compatible: "arm,scmi-shmem" } }]),
    );
    const found = findings({
      loose: [{ children: { ...pages, "c_d@0": { props: { compatible: "arm,scmi-shmem" } } } }],
    });
    expect(found).toMatchObject([
      { node: "/a_b@0", message: expect.stringContaining("and 2 more of the name") },
      { node: "/c_d@0" },
    ]);
  });

  test("in other nodes, in what the documentation calls the container, and in unit addresses are let be", () => {
    expect(rules({ loose: [named("pmu_a76", "arm,pmu"), named("sram@1_0", "arm,scmi-shmem")] })).toEqual([]);
    expect(rules({ host: hostTree() })).toEqual([]);
  });
});
