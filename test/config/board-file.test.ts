import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "#base/canonical-json.ts";
import { boardFromJson, canonicalBoard, parseBoard } from "#config/board/file.ts";
import { boardOf, boardWith, EXAMPLE, EXAMPLE_BOARD, refusalOf } from "../support/boards.ts";
import { EVERY_FIELD } from "../support/every-field.ts";
import { runs } from "../support/runs.ts";

describe("what is accepted", () => {
  test("the example of the design", () => {
    expect(boardOf(EXAMPLE)).toEqual(EXAMPLE_BOARD);
  });

  test("JSON, which is YAML", () => {
    expect(boardOf(JSON.stringify(EXAMPLE_BOARD))).toEqual(EXAMPLE_BOARD);
    expect(boardOf(JSON.stringify(EXAMPLE_BOARD, null, 2))).toEqual(EXAMPLE_BOARD);
  });

  test("what is left out gets its default", () => {
    expect(boardOf(boardWith())).toEqual({
      name: "small",
      deviceTree: "host.dtb",
      xen: EXAMPLE_BOARD.xen,
      firmware: {
        ...EXAMPLE_BOARD.firmware,
        profile: "v32",
        vendor: "",
        trustedAgents: [0],
        protocols: [],
        agents: [
          {
            id: 0,
            name: "a",
            funcId: 0x8200_0002,
            shmem: 0x47ff_0000,
            p2a: null,
            type: "ospm",
            deniedProtocols: [],
          },
        ],
        powerDomains: [],
        clocks: [],
        resets: [],
        devices: [],
        agentCount: null,
      },
      autostart: [],
    });
  });

  test("a field without a value is a field left out", () => {
    const text = boardWith(
      "clocks:",
      "devices: ~",
      "vendor: null",
      "trustedAgents:",
      "supports:",
      "switches:",
    );
    expect(boardOf(text)).toEqual(boardOf(boardWith()));
  });

  test("nobody is trusted by default where there is no agent 0", () => {
    const text = boardWith().replace("id: 0", "id: 3");
    expect(boardOf(text).firmware.trustedAgents).toEqual([]);
  });

  test("protocols that are left out are those with resources", () => {
    const text = boardWith("clocks: [ { id: 0, name: c, rate: 1 } ]", "powerDomains: [ { id: 0, name: p } ]");
    expect(boardOf(text).firmware.protocols).toEqual(["power", "clock"]);
  });

  test.each([
    ["{ rates: [5, 3] }", { rates: [5, 3], range: null, rate: 5 }],
    ["{ range: { min: 4, max: 9, step: 2 } }", { rates: null, range: { min: 4, max: 9, step: 2 }, rate: 4 }],
    ["{ rate: 7 }", { rates: [7], range: null, rate: 7 }],
    ["{ range: { min: 4, max: 9, step: 2 }, rate: 8 }", { rate: 8 }],
  ])("a clock with %s", (fields, clock) => {
    const text = boardWith(`clocks: [ ${fields.replace("{", "{ id: 0, name: c,")} ]`);
    expect(boardOf(text).firmware.clocks[0]).toMatchObject({ ...clock, enabled: false, fixed: false });
  });

  test.each(["0x1000", '"0x1000"', "'0X1000'", "4096", "0o10000", "4096.0", "4.096e3"])(
    "the number %s",
    (number) => {
      expect(boardOf(boardWith(`implementationVersion: ${number}`)).firmware.implementationVersion).toBe(
        4096,
      );
    },
  );

  test.each(["on", "On", "ON", "true", '"on"'])("on, written %s", (on) => {
    const text = boardWith(
      `powerDomains: [ { id: 0, name: p, alwaysOn: ${on}, initial: ${on} } ]`,
      `clocks: [ { id: 0, name: c, rate: 1, enabled: ${on}, fixed: ${on} } ]`,
    );
    expect(boardOf(text).firmware.powerDomains[0]).toMatchObject({ alwaysOn: true, initial: "on" });
    expect(boardOf(text).firmware.clocks[0]).toMatchObject({ enabled: true, fixed: true });
  });

  test.each(["off", "OFF", "false"])("off, written %s", (off) => {
    const text = `${boardWith(`powerDomains: [ { id: 0, name: p, alwaysOn: ${off}, initial: ${off} } ]`)}\nxen: { iommu: ${off} }`;
    expect(boardOf(text).firmware.powerDomains[0]).toMatchObject({ alwaysOn: false, initial: "off" });
    expect(boardOf(text).xen.iommu).toBe(false);
  });

  test.each([
    ["1.2", "1.2"],
    ['"1.1"', "1.1"],
    ["1.0", "1.0"],
  ])("smccc: %s", (written, version) => {
    expect(boardOf(`${boardWith()}\nxen: { smccc: ${written} }`).xen.smccc).toBe(version);
  });

  test("default access for nobody, everybody and some", () => {
    const devices = ["none", "all", "[0]", "[]"].map(
      (access, id) => `- { id: ${id}, name: d, defaultAccess: ${access} }`,
    );
    const { firmware } = boardOf(boardWith("devices:", ...devices));
    expect(firmware.devices.map((device) => device.defaultAccess)).toEqual(["none", "all", [0], "none"]);
  });

  test("switches, those that are fields too, and the pair written as a map", () => {
    const text = boardWith(
      "switches:",
      "  smtBusyLeak: off",
      "  sizeCheck: atLeast",
      "  maxRequestPayload: 0x5c",
      "  rangeStatus: { attributes: NOT_FOUND }",
      "  rangeStatus.action: INVALID_PARAMETERS",
      "  trustedAgents: []",
      "  deviceOwnership: exclusive",
    );
    const { firmware } = boardOf(text);
    expect(firmware.switches).toEqual({
      smtBusyLeak: false,
      sizeCheck: "atLeast",
      maxRequestPayload: 92,
      "rangeStatus.attributes": "NOT_FOUND",
      "rangeStatus.action": "INVALID_PARAMETERS",
    });
    expect(firmware.trustedAgents).toEqual([]);
    expect(firmware.deviceOwnership).toBe("exclusive");
  });

  test("anchors and aliases", () => {
    const text = boardWith(
      "clocks:",
      "  - { id: 0, name: a, rates: &rates [1, 2] }",
      "  - { id: 1, name: b, rates: *rates }",
    );
    expect(boardOf(text).firmware.clocks[1]?.rates).toEqual([1, 2]);
  });

  test("names longer than the firmware tells, gaps between ids, and a count unlike the list", () => {
    const text = boardWith(
      "agentCount: 0",
      `clocks: [ { id: 65535, name: ${"x".repeat(64)}, rate: 9007199254740991 } ]`,
    );
    expect(boardOf(text).firmware).toMatchObject({ agentCount: 0, clocks: [{ id: 65_535 }] });
  });
});

test("docs/board-file.md lists every field, and no other", () => {
  const page = readFileSync("docs/board-file.md", "utf8");
  const listed = [...page.split("## Switches")[0]!.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]);
  const everything = { ...EXAMPLE_BOARD, firmware: { ...EXAMPLE_BOARD.firmware, ...EVERY_FIELD } };
  expect(listed.toSorted()).toEqual([...new Set(pathsIn(everything, ""))].toSorted());
});

/** Every field of a board, list items as `[]`. */
function pathsIn(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`));
  return Object.entries(value).flatMap(([name, field]) => {
    const place = path === "" ? name : `${path}.${name}`;
    return [place, ...pathsIn(field, place)];
  });
}

describe("what the log keeps", () => {
  test("is canonical JSON that gives the same board", () => {
    const json = canonicalJson(canonicalBoard(boardOf(EXAMPLE)));
    expect(boardFromJson(JSON.parse(json))).toEqual(EXAMPLE_BOARD);
  });

  test("gives the same board for every board", () => {
    fc.assert(
      fc.property(boards, (board) => {
        const first = boardOf(JSON.stringify(board));
        expect(boardFromJson(JSON.parse(canonicalJson(canonicalBoard(first))))).toEqual(first);
        expect(boardOf(canonicalJson(canonicalBoard(first)))).toEqual(first);
      }),
    );
  });

  test("is refused where it is not a board", () => {
    expect(boardFromJson({ name: "x" })).toMatchObject({ code: "board-invalid" });
  });
});

/** Boards that hold together, as their author writes them: some fields left out. */
const boards = fc
  .record({
    agents: fc.uniqueArray(fc.integer({ min: 0, max: 254 }), { minLength: 1, maxLength: 6 }),
    resources: fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { maxLength: 5 }),
    flag: fc.option(fc.constantFrom(true, false, "on", "off"), { nil: undefined }),
    name: fc.stringMatching(/^[ -~]{0,20}$/),
    rate: fc.maxSafeNat(),
    access: fc.constantFrom("none", "all", "first"),
    ownership: fc.option(fc.constantFrom("shared", "exclusive"), { nil: undefined }),
  })
  .map(({ agents, resources, flag, name, rate, access, ownership }) => ({
    name: "any",
    deviceTree: "x.dtb",
    xen: { iommu: flag },
    firmware: {
      vendor: name,
      deviceOwnership: ownership,
      agents: agents.map((id) => ({ id, name, funcId: 0x8200_0000 + id, shmem: 0x4000_0000 + id * 4096 })),
      clocks: resources.map((id) => ({ id, name, rate, enabled: flag })),
      powerDomains: resources.map((id, at) => ({ id, name, initial: flag, parent: resources[at - 1] })),
      devices: resources.map((id) => ({
        id,
        name,
        clocks: [id],
        staticOwner: agents[0],
        defaultAccess: access === "first" ? [agents[0]] : access,
      })),
    },
  }));

describe("hostile texts", () => {
  const bomb = Array.from(
    { length: 20 },
    (_, i) =>
      `a${i}: &a${i} [${
        i === 0
          ? "x"
          : Array(10)
              .fill(`*a${i - 1}`)
              .join(", ")
      }]`,
  ).join("\n");

  test.each<[string, string, string]>([
    ["an alias bomb", bomb, "there are too many values in it, aliases counted"],
    ["16 MiB and one character", "x".repeat(16 * 1024 * 1024 + 1), "the text has 16777217 characters"],
    ["16 MiB of one word", "x".repeat(16 * 1024 * 1024), "the file (line 1)"],
    ["lists as deep as they are long", "[".repeat(20_000), "line 1: it is nested too deeply"],
    ["maps as deep as they are long", "{a: ".repeat(20_000), "line 1: it is nested too deeply"],
    ["lists in lists on one line", "- ".repeat(20_000), "line 1: it is nested too deeply"],
    ["nothing but errors", `[${",".repeat(100_000)}`, "line 1: Unexpected , in flow sequence"],
    ["a field for every line", Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n"), "more"],
    ["a document for every line", "---\n".repeat(100_000), "a second document begins"],
  ])(
    "%s",
    (_what, text, expected) => {
      expect(refusalOf(text)).toContain(expected);
    },
    20_000,
  );

  test("any text is a board or a problem", () => {
    const pieces = fc.constantFrom(
      ..."[]{}:,-?&*!|>'\"%@`#\n\r\t \\abc01~".split(""),
      "- ",
      ": ",
      "---\n",
      EXAMPLE,
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(pieces).map((all) => all.join("")),
        ),
        (text) => {
          parseBoard(text, "board.yaml");
        },
      ),
      { numRuns: runs(100, 2_000) },
    );
  });

  test("the example with one character changed is a board or a problem", () => {
    fc.assert(
      fc.property(fc.nat(EXAMPLE.length - 1), fc.string({ unit: "binary", maxLength: 2 }), (at, put) => {
        parseBoard(EXAMPLE.slice(0, at) + put + EXAMPLE.slice(at + 1), "board.yaml");
      }),
      { numRuns: runs(100, 2_000) },
    );
  });

  test("any value of JSON's is a board or a problem", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        parseBoard(JSON.stringify(value), "board.yaml");
        boardFromJson(value as never);
        parseBoard(
          JSON.stringify({
            ...EXAMPLE_BOARD,
            firmware: { ...EXAMPLE_BOARD.firmware, clocks: value, agents: other },
          }),
          "b",
        );
      }),
    );
  });
});
