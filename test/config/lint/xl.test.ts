import { describe, expect, test } from "vitest";
import type { DtbNode } from "../../support/fdt-builder.ts";
import { findings, type Given, rules } from "./lint-input.ts";

const MA = "type=scmi_smc_multiagent";
/** A guest with an agent and what else is given. */
const guest = (sci: string, ...more: string[]) =>
  [`name = "drv"`, `arm_sci = "${sci}"`, ...more, ""].join("\n");
const SINGLE: Given["xen"] = { mediator: "single-agent", known: true };

describe("a file that works has no findings", () => {
  test.each<[string, Given]>([
    ["with an agent", { xlcfg: [guest(`${MA},agent_id=2`)] }],
    ["with the keys the other way round, and empty pieces", { xlcfg: [guest(`,agent_id=2,,${MA},`)] }],
    ["with a type in capitals, as xl takes it", { xlcfg: [guest("type=SCMI_SMC_MULTIAGENT,agent_id=2")] }],
    ["with a number as C takes it", { xlcfg: [guest(`${MA},agent_id=+02`)] }],
    ["of the type none", { xlcfg: [guest("type=none")] }],
    ["with an empty arm_sci", { xlcfg: [guest("")] }],
    ["without arm_sci", { xlcfg: ['name = "drv"'] }],
    ["of the single-agent type, where nobody says what Xen is", { xlcfg: [guest("type=scmi_smc")] }],
    [
      "that leaves SCMI to the guest",
      { xlcfg: [guest("type=scmi_smc")], xen: { ...SINGLE, cmdline: "scmi-smc-passthrough" } },
    ],
    [
      "with devices, where nobody says whether there is an IOMMU",
      { xlcfg: [guest("", 'dtdev = ["/soc/x"]')] },
    ],
    [
      "that is kept when it crashes",
      { xlcfg: [guest(`${MA},agent_id=2`, "on_crash = 'preserve'", "on_poweroff = 'preserve'")] },
    ],
    ["that is kept, without an agent", { xlcfg: [guest("", "on_reboot = 'preserve'")] }],
    [
      "with all that xl's grammar allows",
      { xlcfg: ["seclabel='a:b'\nname = \"x\"; vcpus=2 # two\nirqs = [ # none\n 1,\n# two\n 2,\n]\n"] },
    ],
  ])("%s", (_what, given) => {
    expect(findings(given)).toEqual([]);
  });
});

describe("arm_sci", () => {
  test.each<[string, string, string[]]>([
    ["a blank after the comma", `${MA}, agent_id=2`, ["XL001", "XL002"]],
    ["a blank before =", `${MA},agent_id =2`, ["XL001", "XL002"]],
    ["a blank after =", `${MA},agent_id= 2`, ["XL002"]],
    ["a blank in the type", "type= scmi_smc_multiagent,agent_id=2", ["XL002"]],
    ["a blank behind the type", "type=scmi_smc_multiagent ,agent_id=2", ["XL002"]],
    ["no agent", MA, ["XL001"]],
    ["a dash for an underscore", `${MA},agent-id=2`, ["XL001", "XL003"]],
    ["another key", `${MA},agent_id=2,vendor=x`, ["XL003"]],
    ["a key in capitals", "Type=scmi_smc_multiagent,agent_id=2", ["XL003"]],
    ["a key that is not all", `${MA},id=2`, ["XL001", "XL003"]],
    ["hexadecimal", `${MA},agent_id=0x2`, ["XL004"]],
    ["text behind the number", `${MA},agent_id=2abc`, ["XL004"]],
    ["a fraction", `${MA},agent_id=2.9`, ["XL004"]],
    ["255", `${MA},agent_id=255`, ["XL005"]],
    ["a number of more than 64 bits", `${MA},agent_id=99999999999999999999`, ["XL005"]],
    ["a minus", `${MA},agent_id=-1`, ["XL005"]],
    ["no number", `${MA},agent_id=`, ["XL005"]],
    ["a type that nobody knows", "type=scmi,agent_id=2", ["LOAD"]],
  ])("with %s", (_what, sci, expected) => {
    const found = findings({ xlcfg: [guest(sci)] }).filter(({ rule }) => !rule.startsWith("DM"));
    expect(found.map(({ rule }) => rule).sort()).toEqual(expected);
    expect(found.map(({ file, line }) => [file, line])).toEqual(expected.map(() => ["a.cfg", 2]));
  });

  test("agent 0 is what v9 refuses, and v10 does not", () => {
    const xlcfg = [guest(`${MA},agent_id=0`)];
    expect(rules({ xlcfg })).not.toContain("XL005");
    expect(rules({ xlcfg, xen: { version: "v9" } })).toContain("XL005");
  });

  test("hexadecimal is the reason for the 0 that v9 refuses", () => {
    expect(rules({ xlcfg: [guest(`${MA},agent_id=0x2`)], xen: { version: "v9" } })).toEqual(["XL004"]);
  });

  test("as a list is ignored", () => {
    expect(rules({ xlcfg: [`name='x'\narm_sci = [ "${MA}" ]`] })).toEqual(["XL006"]);
  });

  test.each([
    ["agent-id=2", "agent_id"],
    ["agentid=2", "agent_id"],
    ["id=2", "agent_id"],
    ["2", "agent_id"],
    ["typ=scmi_smc", "type"],
    ["scmi_smc", "type"],
    ["x", "type or agent_id"],
  ])("%s was meant for %s", (piece, meant) => {
    const [found] = findings({ xlcfg: [guest(piece)] });
    expect(found?.message).toContain(`did you mean ${meant}?`);
  });
});

describe("what xl cannot read is told with its line", () => {
  test.each<[string, string, number, string]>([
    ["a byte order mark", '\ufeffname="x"\n', 1, "found U+FEFF, a byte order mark"],
    ["a key in capitals", 'name="x"\nMemory = 4\n', 2, "a capital letter"],
    ["a hex digit in capitals", 'name="x"\nmemory = 0xAB\n', 2, "a capital letter"],
    ["a dash in a key", 'name="x"\n\non-crash = "destroy"\n', 3, "as in Python"],
    [
      "DOS line ends",
      'name="x"\r\nmemory=4\r\nvcpus=2\r\n',
      1,
      "DOS: allowed is a newline alone (and 2 more like it)",
    ],
    ["a comment that ends the file", 'name="x"\n# the end', 2, "allowed is one that ends in a newline"],
    ["an escape of \\x", 'name="x"\nextra = [\n"a",\n"\\x41" ]\n', 4, "\\x"],
    ["two statements on a line", 'name="x" memory=4\n', 1, "allowed is a newline or ;"],
  ])("%s", (_what, text, line, message) => {
    const found = findings({ xlcfg: [text] });
    expect(found).toMatchObject([{ rule: "XL010", severity: "E", file: "a.cfg", line }]);
    expect(found[0]?.message).toContain(message);
  });

  test("or without one, where it is no text", () => {
    expect(findings({ xlcfg: ['name="\ud800"'] })).toMatchObject([
      { rule: "LOAD", severity: "E", line: null },
    ]);
  });

  test("and what it can read and refuses, too", () => {
    const text = 'iomem = [\n "1,1",\n "1" ]\non_crash = "no"\n';
    const found = findings({ xlcfg: [text] }).map(({ rule, line }) => [rule, line]);
    expect(found).toEqual([
      ["LOAD", 3],
      ["LOAD", 4],
      ["LOAD", null],
    ]);
  });
});

describe("devices", () => {
  const dtdev = guest("", "dtdev = [", '  "/soc/i2c@e6508000",', '  "/soc/gpu@1"', "]");
  const passed: DtbNode = { props: { "xen,passthrough": true } };
  const withNode = (name: string): DtbNode => ({
    children: { soc: { children: { "i2c@e6508000": passed, [name]: passed } } },
  });
  const host = withNode("gpu@1");

  test("need an IOMMU", () => {
    expect(rules({ xlcfg: [dtdev], xen: { iommu: false } })).toEqual(["XL007"]);
    const enabled = (mode: string) => [`name = "drv"\npassthrough = "${mode}"\n`];
    expect(rules({ xlcfg: enabled("enabled"), xen: { iommu: false } })).toEqual(["XL007"]);
    expect(rules({ xlcfg: enabled("default"), xen: { iommu: false } })).toEqual([]);
    expect(rules({ xlcfg: [dtdev], xen: { iommu: true } })).toEqual([]);
    expect(rules({ xlcfg: [guest("")], xen: { iommu: false } })).toEqual([]);
  });

  test.each([
    ['passthrough = "disabled"', ["XL008"]],
    ['passthrough = "Disabled"', ["XL008"]],
    ['passthrough = "enabled"', []],
    ['passthrough = "default"', []],
    ['passthrough = "maybe"', ["LOAD"]],
  ])("with %s", (passthrough, expected) => {
    expect(rules({ xlcfg: [`${dtdev}${passthrough}\n`] })).toEqual(expected);
  });

  test("may have passthrough disabled where there are none", () => {
    expect(rules({ xlcfg: [guest("", "passthrough = 'disabled'")] })).toEqual([]);
    expect(rules({ xlcfg: [guest("", "passthrough = 'disabled'", "pci = ['01:00.0']")] })).toEqual(["XL008"]);
  });

  test("are nodes of the host", () => {
    expect(rules({ xlcfg: [dtdev], host })).toEqual([]);
    expect(findings({ xlcfg: [dtdev], host: withNode("gpu@2") })).toMatchObject([
      { rule: "XL009", file: "a.cfg", line: 5, message: expect.stringContaining("Did you mean /soc/gpu@2?") },
    ]);
    expect(findings({ xlcfg: [dtdev], host: withNode("vpu@2") })).toMatchObject([{ rule: "XL009", line: 5 }]);
  });

  test("behind an IOMMU are of one guest", () => {
    const smmu: DtbNode = { props: { compatible: "arm,mmu-500", "#iommu-cells": [1], phandle: [9] } };
    const dma: DtbNode = { props: { ...passed.props, iommus: [9, 1] } };
    const withDma: DtbNode = {
      children: { smmu, soc: { children: { "i2c@e6508000": passed, "gpu@1": dma } } },
    };
    expect(findings({ xlcfg: [dtdev, dtdev], host: withDma })).toMatchObject([
      { rule: "XL015", file: "b.cfg", line: 5, message: expect.stringContaining("drv (a.cfg)") },
    ]);
    expect(rules({ xlcfg: [dtdev, dtdev], host })).toEqual([]);
    expect(rules({ xlcfg: [dtdev, dtdev], host: withDma, xen: { iommu: false } })).toEqual(["XL007"]);
    expect(rules({ xlcfg: [dtdev], host: withDma })).toEqual([]);
  });

  test("are found whatever the case, and not looked for in a tree that is not whole", () => {
    expect(rules({ xlcfg: [dtdev], host: withNode("GPU@1") })).toEqual([]);
    expect(rules({ xlcfg: [dtdev], host: {}, whole: false })).toEqual([]);
    expect(rules({ xlcfg: [dtdev] })).toEqual([]);
  });
});

describe("a setting of the wrong kind counts as left out, and is told", () => {
  test.each([
    ['dtdev = "/soc/x"', 3, "dtdev is a single value where xl reads a list"],
    ['iomem = "47ff2,1@22001"', 3, "iomem is a single value"],
    ["irqs = 5", 3, "irqs is a single value"],
    ['device_tree = [ "/x.dtb" ]', 3, "device_tree is a list where xl reads a single value"],
    ['on_reboot = [ "preserve" ]', 3, "on_reboot is a list"],
    ['dtdev = [ "/soc/x",\n[ "/soc/y" ], "/soc/z" ]', 4, "dtdev[1] is a list where xl reads a text"],
  ])("%s", (line, at, message) => {
    expect(findings({ xlcfg: [guest("", line)] })).toMatchObject([
      { rule: "XL016", severity: "W", line: at, message: expect.stringContaining(message) },
    ]);
  });
});

describe("a file without a name", () => {
  test.each([
    [
      "of devices only is a part of another",
      "disk = [ 'phy:/dev/x,xvda1' ]\nvif = [ 'bridge=xenbr0' ]",
      [["XL014", "I"]],
    ],
    ["of a domain is refused", "memory = 4", [["LOAD", "E"]]],
    ["of SCI is refused", "arm_sci = 'type=none'", [["LOAD", "E"]]],
    ["and anything else is refused", "", [["LOAD", "E"]]],
  ])("%s", (_what, text, expected) => {
    expect(findings({ xlcfg: [text] }).map(({ rule, severity }) => [rule, severity])).toEqual(expected);
  });
});

describe("the type and the mediator", () => {
  const single = guest("type=scmi_smc");
  const multi = guest(`${MA},agent_id=2`);
  const none: Given["xen"] = { mediator: "none", known: true };

  test.each<[string, Given, string[]]>([
    ["scmi_smc with multi-agent", { xlcfg: [single], xen: { known: true } }, ["XL011"]],
    ["multi-agent with single-agent", { xlcfg: [multi], xen: SINGLE }, ["XL011"]],
    ["any with none", { xlcfg: [single, multi], xen: none }, ["XL011"]],
    ["scmi_smc without the option", { xlcfg: [single], xen: SINGLE }, ["XL012"]],
    [
      "scmi_smc with the option off",
      { xlcfg: [single], xen: { ...SINGLE, cmdline: "scmi-smc-passthrough=no" } },
      ["XL012"],
    ],
    [
      "scmi_smc with the tree's command line",
      { xlcfg: [single], xen: { cmdline: "x", cmdlinePlace: { file: "h", line: 1, node: "/chosen" } } },
      ["XL012"],
    ],
    ["none with none", { xlcfg: [guest("type=none")], xen: none }, []],
  ])("%s", (_what, given, expected) => {
    expect(rules(given)).toEqual(expected);
  });

  test("scmi_smc with a tree of the multi-agent binding", () => {
    const host: DtbNode = {
      children: { chosen: { children: { box: { props: { compatible: "xen,sci" } } } } },
    };
    expect(rules({ xlcfg: [single], host })).toContain("XL011");
  });
});

describe("an ending that keeps the domain keeps its agent", () => {
  test.each([
    ["on_reboot = 'preserve'", ["XL013"]],
    ["on_reboot = 'rename-restart'", ["XL013"]],
    ["on_crash = 'rename-restart'", ["XL013"]],
    ["on_reboot = 'restart'", []],
    ["on_reboot = 'coredump-restart'", []],
  ])("%s", (line, expected) => {
    expect(rules({ xlcfg: [guest(`${MA},agent_id=2`, line)] })).toEqual(expected);
  });
});
