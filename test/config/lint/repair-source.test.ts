import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { repairSource } from "#config/lint/repair-source.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { dtc, HAS_DTC, NO_DTC } from "../../support/dtc.ts";

const defects = (text: string) =>
  repairSource(text, "x.dts").defects.map(({ kind, line, column }) => [kind, line, column]);

/** The tree of a source that was repaired, as its own words. */
function compiled(text: string): string {
  return new TextDecoder()
    .decode(dtc(["-I", "dts", "-O", "dts"], repairSource(text, "x.dts").text))
    .replaceAll(/\s+/g, " ");
}

describe("a source that compiles is left as it is", () => {
  test.each([
    '/dts-v1/;\n/ { a = <1>; b { c = "x;}"; }; };',
    "/dts-v1/; / { b { }; /delete-node/ c; }; &{/b} { d; };",
    "/dts-v1/; / { /* <--- } */ b { }; // <-- } c;\n };",
    "/dts-v1/; / { x: a = <1>, <(2 - 1)>; b { } ; /delete-property/ c; };",
  ])("%s", (text) => {
    const repaired = repairSource(text, "x.dts");
    expect(repaired.defects).toEqual([]);
    expect(repaired.text.trimEnd()).toBe(`# 1 "x.dts"\n${text}`);
  });
});

describe("what is wrong is found where it is", () => {
  test.each<[string, [string, number, number][]]>([
    ["/dts-v1/; / {\n a { };\n  b = <1>;\n};", [["late-property", 3, 3]]],
    ["/dts-v1/; / {\n b = <1>; <--- the agent\n};", [["arrow", 2, 11]]],
    [
      "/dts-v1/; / {\n a { }; <-- x\n b = <1 <-- y\n 2>;\n};",
      [
        ["arrow", 2, 9],
        ["late-property", 3, 2],
        ["arrow", 3, 9],
      ],
    ],
    [
      '/dts-v1/; / { a { b { }; c; }; d = "};", "\\""; };',
      [
        ["late-property", 1, 26],
        ["late-property", 1, 32],
      ],
    ],
    ["/ { };", [["no-version", 1, 1]]],
  ])("%j", (text, expected) => {
    expect(defects(text)).toEqual(expected);
  });
});

describe("what is repaired compiles, and says what was meant", () => {
  test.each<[string, string]>([
    ["/dts-v1/; / { a { }; b = <1>; };", "/ { b = <0x01>; a { }; };"],
    [
      '/ { x: a { b { }; <--- no\n c = "};"; }; }; &x { d { }; e; };',
      '/ { x: a { c = "};"; e; b { }; d { }; }; };',
    ],
    [
      "/dts-v1/; / { a { }; }; &{/a} { d { }; e = <1 <--- one\n2>; };",
      "/ { a { e = <0x01 0x02>; d { }; }; };",
    ],
  ])("%s", (text, tree) => {
    if (!HAS_DTC) return;
    expect(compiled(text)).toContain(tree);
  });

  test("and what comes behind it has its line", ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const { text } = repairSource("/ {\n a { };\n b = <1>;\n\n c {\n };\n};", "x.dts");
    const annotated = new TextDecoder().decode(dtc(["-I", "dts", "-O", "dts", "-T"], text));
    expect(annotated).toMatch(/b = <0x01>; \/\* x\.dts:3 \*\//);
    expect(annotated).toMatch(/c \{ \/\* x\.dts:5 \*\//);
  });

  test("whatever the tree", ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const { node } = fc.letrec<{ node: string }>((tie) => ({
      node: fc
        .array(fc.oneof({ depthSize: "small" }, fc.constant(null), tie("node")), { maxLength: 4 })
        .map((parts) =>
          parts
            .map((part, at) =>
              part === null ? `p${at} = <${at}>; <--- ${at} };\n` : `n${at} {\n${part}};\n`,
            )
            .join(""),
        ),
    }));
    fc.assert(
      fc.property(node, (body) => {
        const bytes = dtc(["-I", "dts", "-O", "dtb"], repairSource(`/ {\n${body}};\n`, "x.dts").text);
        const tree = parseDeviceTree(bytes, "x");
        expect(isProblem(tree)).toBe(false);
        const count = isProblem(tree)
          ? 0
          : tree.nodes.reduce((sum, { properties }) => sum + properties.size, 0);
        expect(count).toBe(body.split("<---").length - 1);
      }),
      { numRuns: 15 },
    );
  });
});

test("any text is gone through in no time", () => {
  const pieces = fc.array(
    fc.constantFrom(...'{};<-"/*\n &a', "/*", "*/", "//", "<--", "&{", "a { };", "b;"),
    { maxLength: 40 },
  );
  fc.assert(fc.property(pieces, (all) => repairSource(all.join(""), "x").defects.length >= 0));
  const began = cpuMs();
  for (const piece of ["a{", "a{};b;", "<--\n", "/*", '"', "&{", "a{};b<--\n;", "\n"]) {
    repairSource(piece.repeat(50_000), "x");
  }
  expect(cpuMs() - began).toBeLessThan(5_000);
});
