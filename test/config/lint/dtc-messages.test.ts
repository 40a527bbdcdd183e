import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DtcMessage, readDtcMessages } from "#config/lint/dtc-messages.ts";
import { cpuMs } from "../../support/cpu-time.ts";

const none = { severity: "error", file: null, line: null, column: null, check: null } as const;

describe("what dtc says is read", () => {
  test.each<[string, Partial<DtcMessage>[]]>([
    [
      "Error: host.dts:4.3-11 Properties must precede subnodes\nFATAL ERROR: Unable to parse input tree\n",
      [{ ...none, file: "host.dts", line: 4, column: 3, message: "Properties must precede subnodes" }],
    ],
    [
      "host.dts:4.8-12: ERROR (duplicate_label): /b: Duplicate label 'x' on /b and /a\nERROR: Input tree has errors, aborting (use -f to force output)\n",
      [
        {
          ...none,
          file: "host.dts",
          line: 4,
          column: 8,
          check: "duplicate_label",
          message: "/b: Duplicate label 'x' on /b and /a",
        },
      ],
    ],
    [
      "a dir/host.dts:2.3-4.3: Warning (unit_address_vs_reg): /x@1: node has a unit name, but no reg\n",
      [{ severity: "warning", file: "a dir/host.dts", line: 2, column: 3, check: "unit_address_vs_reg" }],
    ],
    ["Lexical error: host.dts:9.1-7 Unexpected 'x'\n", [{ line: 9, message: "Unexpected 'x'" }]],
    ["Error: host.dts:0.0 syntax error\n", [{ ...none, file: "host.dts", message: "syntax error" }]],
    [
      'FATAL ERROR: Couldn\'t open "no.dtsi": No such file or directory\n',
      [{ ...none, message: 'Couldn\'t open "no.dtsi": No such file or directory' }],
    ],
    ["FATAL ERROR: Unable to parse input tree\n", [{ ...none, message: "Unable to parse input tree" }]],
    ["ERROR (phandle_references): /x: no\n", [{ ...none, check: "phandle_references", message: "/x: no" }]],
    ["<stdout>: ERROR (name_properties): /x: no\n", [{ ...none, check: "name_properties" }]],
    ["  also defined at host.dts:1.2-3\nsomething else\n\n", []],
  ])("%j", (stderr, expected) => {
    expect(readDtcMessages(stderr)).toEqual(expected.map((message) => expect.objectContaining(message)));
  });

  test("whatever it is, in no time", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."Er: (1.2-3)\nx") }), (text) => {
        for (const { line } of readDtcMessages(text)) expect(line).not.toBe(0);
      }),
    );
    const began = cpuMs();
    readDtcMessages(`Error: ${"1.1:".repeat(500_000)}`);
    readDtcMessages(`Error: ${"1:1.1 ".repeat(600)}\n`.repeat(200));
    expect(cpuMs() - began).toBeLessThan(1_000);
  });
});
