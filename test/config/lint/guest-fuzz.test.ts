import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { lint } from "#config/lint/lint.ts";
import { lintGuest } from "#config/lint/lint-guest.ts";
import { RULES } from "#config/lint/rules.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { buildDtb, type DtbNode } from "../../support/fdt-builder.ts";
import { runs } from "../../support/runs.ts";
import { hostTree, partialTree } from "./host-tree.ts";
import { findings, inputOf } from "./lint-input.ts";

const RUNS = runs(100, 5_000);
/** Of the largest file that is read, of which a tenth tells what is not linear. */
const CHARS = runs(100_000, 1_000_000);
const ROWS = runs(10_000, 100_000);

/** Pieces of xl.cfg, that meet in any order. */
const PIECES = [
  ..."=,;[]'\"#\\\n\r \t@x0",
  "+=",
  "name='a'\n",
  "arm_sci='",
  "type=scmi_smc_multiagent,",
  "type=scmi_smc",
  "agent_id=",
  "0x2",
  "99999999999999999999",
  "iomem=[",
  "'47ff2,1@22001',",
  "'0,fffffffffffff',",
  "dtdev=['/soc/i2c@e6508000']\n",
  "passthrough='disabled'\n",
  "on_reboot='preserve'\n",
  "device_tree='/x'\n",
];
const xlcfgs = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join("")),
);

const NAMES = [
  "passthrough",
  "chosen",
  "firmware",
  "scmi",
  "soc",
  "xen",
  "guest1",
  "i2c@e6508000",
  "sram@1",
  "a_b",
];
const PROPERTIES = [
  "compatible",
  "reg",
  "ranges",
  "#address-cells",
  "#size-cells",
  "arm,smc-id",
  "shmem",
  "phandle",
  "status",
  "scmi-secondary-agents",
  "#scmi-secondary-agents-cells",
  "xen,dom0-sci-agent-id",
  "xen,sci_type",
  "xen,sci-agent-id",
  "xen,sci_agent_id",
  "xen,reg",
  "xen,path",
  "access-controllers",
];
const COMPATIBLES = ["arm,scmi-smc", "arm,scmi-shmem", "xen,sci", "xen,domain"];
const cell = fc.constantFrom(0, 1, 2, 3, 7, 0x1000, 0x47ff2000, 0x82000004, 0xffffffff);
const value = fc.oneof(
  fc.constant(true as const),
  fc.constantFrom(...COMPATIBLES, "scmi_smc_multiagent", "scmi_smc"),
  fc.array(cell, { minLength: 1, maxLength: 8 }),
  fc.uint8Array({ minLength: 1, maxLength: 9 }),
);
const { node: trees } = fc.letrec<{ node: DtbNode }>((tie) => ({
  node: fc.record({
    props: fc.array(fc.tuple(fc.constantFrom(...PROPERTIES), value), { maxLength: 6 }),
    children: fc.array(
      fc.tuple(fc.constantFrom(...NAMES), fc.oneof({ depthSize: "small" }, fc.constant({}), tie("node"))),
      { maxLength: 4 },
    ),
  }),
}));

describe("whatever is fed in, the lint ends with findings", () => {
  const isKnown = (found: ReturnType<typeof findings>) => {
    for (const { rule, file, line } of found) {
      expect(RULES).toHaveProperty(rule);
      expect(file).not.toBe("");
      if (line !== null) expect(line).toBeGreaterThan(0);
    }
  };

  test("of any text as an xl.cfg", () => {
    const property = fc.property(xlcfgs, xlcfgs, (a, b) => {
      isKnown(findings({ xlcfg: [a, b], host: hostTree(), partials: [partialTree(0x82000004, 0x22001000)] }));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test("of any trees, for the host and its guests", () => {
    const drv = 'name="a"\narm_sci="type=scmi_smc_multiagent,agent_id=2"\niomem=["47ff2,1@22001"]\n';
    const property = fc.property(trees, trees, trees, (host, partial, loose) => {
      isKnown(findings({ host, xlcfg: [drv, drv], partials: [partial], loose: [loose] }));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test("of partial trees with bytes that are others", () => {
    const whole = buildDtb(partialTree(0x82000004, 0x22001000));
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 });
    const property = fc.property(changes, (changed) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, byte] of changed) bytes[at] = byte;
      const tree = parseDeviceTree(bytes, "a.dtb");
      if (isProblem(tree)) return;
      const locate = ({ path }: { path: string }) => ({ file: "a.dtb", line: null, node: path });
      const partial = {
        file: "a.dtb",
        files: ["a.dtb"],
        tree,
        whole: true,
        unknown: new Set<never>(),
        locate,
      };
      const text = 'name="a"\narm_sci="type=scmi_smc_multiagent,agent_id=2"\n';
      isKnown(
        lint({
          ...inputOf({ host: hostTree() }),
          guests: [lintGuest("a.cfg", text, "v10", partial)],
          partials: [partial],
        }),
      );
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

describe("files as large as they may be take no time", () => {
  const repeated = (piece: (at: number) => string) => {
    let text = "";
    for (let at = 0; text.length < CHARS; at += 1) text += piece(at);
    return text;
  };
  const rows = Array.from({ length: ROWS }, (_, at) => [0x82000004 + at, 3, at + 2]).flat();

  test.each<[string, string]>([
    ["pieces of arm_sci", `name="a"\narm_sci="${repeated((at) => `x${at},`)}"`],
    ["pages", `name="a"\niomem=[${repeated(() => "'0,fffffffffffff',")}]`],
    ["devices that are not there", `name="a"\ndtdev=[${repeated((at) => `'/soc/x@${at}',`)}]`],
    ["items that are refused", `name="a"\nirqs=[${repeated(() => "'x',")}]`],
    ["DOS line ends", repeated(() => "a=1\r\n")],
  ])("of %s", (_what, text) => {
    const host = hostTree({ container: { "scmi-secondary-agents": rows } });
    const began = cpuMs();
    findings({ xlcfg: [text, 'name="b"\narm_sci="type=scmi_smc_multiagent,agent_id=7777"'], host });
    expect(cpuMs() - began).toBeLessThan(10_000);
  });
});
