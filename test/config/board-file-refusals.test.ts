import { describe, expect, test } from "vitest";
import { boardWith, refusalOf } from "../support/boards.ts";

/** The refusal without the lines, which tests of their own are about. */
function toldOf(text: string): string {
  return refusalOf(text).replaceAll(/ \(line \d+\)/g, "");
}

test.each([
  ["", "the file is empty"],
  ["# nothing yet\n", "the file is empty"],
  [
    "~",
    "the file: found nothing, allowed is a map with the fields name, deviceTree, xen, firmware, autostart",
  ],
  ["- name: x", "the file: found a list of 1, allowed is a map"],
  ["board", 'the file: found "board", allowed is a map'],
  ["name: x\ndeviceTree: y", "firmware: found nothing, allowed is a map with the fields profile, switches, "],
  ["deviceTree: y", "name: found nothing, allowed is a name of 1 to 64 characters, without / and \\"],
  [boardWith().replace("small", "12"), "name: found 12, allowed is a name"],
  [boardWith().replace("small", "../x"), 'name: found "../x", allowed is a name'],
  [boardWith().replace("host.dtb", ""), "deviceTree: found nothing, allowed is the path of a file"],
  [
    boardWith().replace(/agents.*/, "vendor: x"),
    "firmware.agents: found nothing, allowed is a list of agents",
  ],
  [`${boardWith()}\nautostart: [ a.cfg, "" ]`, 'autostart[1]: found "", allowed is the path of a file'],
  [`${boardWith()}\nautostart: a.cfg`, 'autostart: found "a.cfg", allowed is a list of xl.cfg files'],
  [`${boardWith()}\nxen: "on"`, 'xen: found "on", allowed is a map with the fields mediator, version, '],
])("the file %j", (text, expected) => {
  expect(toldOf(text)).toContain(expected);
});

test.each([
  ["mediator: multi", 'mediator: found "multi", allowed is multi-agent, single-agent, none'],
  ["version: v2", 'version: found "v2", allowed is bsp, v3, v4, v5, v6, v7, v8, v9, v10, v11'],
  ["version: 10", "version: found 10, allowed is bsp"],
  ["smccc: latest", 'smccc: found "latest", allowed is a version such as "1.2"'],
  ["smccc: -1", 'smccc: found -1, allowed is a version such as "1.2"'],
  ["acpi: yes", 'acpi: found "yes", allowed is true or false, on or off'],
  ["iommu: 1", "iommu: found 1, allowed is true or false, on or off"],
  ['cmdline: "a\\0b"', 'cmdline: found "a\\u0000b", allowed is a text on one line'],
  ["partialTrees: a.dtb", 'partialTrees: found "a.dtb", allowed is a map from domain nodes to files'],
  ["partialTrees: [ a.dtb ]", "partialTrees: found a list of 1, allowed is a map from domain nodes to files"],
  ["partialTrees: { domU1: 7 }", "partialTrees.domU1: found 7, allowed is the path of a file"],
  [
    "partialTrees: { /chosen/domU1: a.dtb }",
    'partialTrees["/chosen/domU1"]: found "/chosen/domU1", allowed is the name of a node below /chosen',
  ],
  ["cmd-line: x", "cmd-line: is not a field here; did you mean cmdline?"],
])("xen: { %s }", (field, expected) => {
  expect(toldOf(`${boardWith()}\nxen: { ${field} }`)).toContain(`xen.${expected}`);
});

test.each([
  // Fields that there are not
  ["colour: red", "colour: is not a field here, allowed are profile, switches, permissionPolicy, vendor, "],
  ["power_domains: []", "power_domains: is not a field here; did you mean powerDomains?"],
  ["resets: [ { id: 0, nmae: x } ]", "resets[0].nmae: is not a field here; did you mean name?"],
  ["constructor: 1", "constructor: is not a field here"],
  ["__proto__: { vendor: x }", "__proto__: is not a field here"],
  // Values
  [
    "profile: reff",
    'profile: found "reff", allowed is v32, ref, ref-rcar, ref-rpi5, tfa, scp, imx; did you mean ref?',
  ],
  ["permissionPolicy: acl", 'permissionPolicy: found "acl", allowed is device-bitmask'],
  ["deviceOwnership: mine", 'deviceOwnership: found "mine", allowed is shared, exclusive'],
  ["vendor: [a, b]", "vendor: found a list of 2, allowed is a text of printable ASCII characters"],
  ["vendor: Küche", 'vendor: found "Küche", allowed is a text of printable ASCII characters'],
  ['vendor: "a\\nb"', 'vendor: found "a\\nb", allowed is a text'],
  ['vendor: "\\ud800"', 'vendor: found "\\ud800", allowed is a text'],
  ["clocks: { id: 0 }", "clocks: found a map, allowed is a list of clocks"],
  ["clocks: [ 1 ]", "clocks[0]: found 1, allowed is a map with the fields id, name, rates, "],
  [
    "implementationVersion: 1.5",
    "implementationVersion: found 1.5, allowed is a whole number from 0 to 4294967295",
  ],
  ['implementationVersion: "12"', 'implementationVersion: found "12", allowed is a whole number'],
  ["implementationVersion: 0x1g", 'implementationVersion: found "0x1g", allowed is a whole number'],
  ["implementationVersion: 0x100000000", "implementationVersion: found 4294967296, allowed is"],
  ["agentCount: -1", "agentCount: found -1, allowed is a whole number from 0 to 255"],
  ["agentCount: 256", "agentCount: found 256, allowed is a whole number from 0 to 255"],
  ["agentCount: .inf", "agentCount: found Infinity, allowed is"],
  ["agentCount: .nan", "agentCount: found NaN, allowed is"],
  [
    "resets: [ { id: 65536, name: r } ]",
    "resets[0].id: found 65536, allowed is a whole number from 0 to 65535",
  ],
  [
    "devices: [ { id: 65536, name: r } ]",
    "devices[0].id: found 65536, allowed is a whole number from 0 to 65535",
  ],
  ["supports: { discoverAgent: maybe }", 'supports.discoverAgent: found "maybe", allowed is true or false'],
  // Trust and protocols
  ["trustedAgents: [0, 7]", "trustedAgents[1]: found 7, allowed is a listed agent: 0"],
  ["trustedAgents: [0, 0]", "trustedAgents[1]: found 0 again, allowed is once"],
  [
    "protocols: [clocks]",
    'protocols[0]: found "clocks", allowed is power, reset, clock, performance, sensor, system, voltage, powercap, pinctrl; did you mean clock?',
  ],
  ["protocols: [base]", 'protocols[0]: found "base", allowed is power, reset, clock'],
  ["protocols: [power, clock, power]", "protocols[2]: found power again, allowed is once"],
  // Power domains
  [
    "powerDomains: [ { id: 0, name: p, initial: idle } ]",
    'powerDomains[0].initial: found "idle", allowed is on or off',
  ],
  [
    "powerDomains: [ { id: 1, name: p }, { id: 1, name: q } ]",
    "powerDomains[1].id: found 1, which powerDomains[0] has",
  ],
  [
    "powerDomains: [ { id: 1, name: p, parent: 0 } ]",
    "powerDomains[0].parent: found 0, allowed is a listed power domain: 1",
  ],
  [
    "powerDomains: [ { id: 1, name: p, parent: 1 } ]",
    "powerDomains[0].parent: found 1, a circle (1, 1), allowed is",
  ],
  [
    "powerDomains: [ { id: 1, name: p, parent: 2 }, { id: 2, name: q, parent: 3 }, { id: 3, name: r, parent: 2 } ]",
    "powerDomains[0].parent: found 2, a circle (2, 3, 2), allowed is a parent outside of it",
  ],
  // Clocks
  [
    "clocks: [ { id: 0, name: c, rates: [1, 2], rate: 3 } ]",
    "clocks[0].rate: found 3, allowed is one of the rates: 1, 2",
  ],
  [
    "clocks: [ { id: 0, name: c, rate: 9007199254740993 } ]",
    "clocks[0].rate: found 9007199254740992, allowed is",
  ],
  [
    "clocks: [ { id: 0, name: c, rates: [] } ]",
    "clocks[0].rates: found an empty list, allowed is at least one rate",
  ],
  [
    "clocks: [ { id: 0, name: c } ]",
    "clocks[0].rate: found nothing, allowed is a rate in Hz, as there are neither",
  ],
  [
    "clocks: [ { id: 0, name: c, rate: 1 }, { id: 0, name: d, rate: 1 } ]",
    "clocks[1].id: found 0, which clocks[0] has",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 9, step: 2 }, rate: 9 } ]",
    "clocks[0].rate: found 9, allowed is 4 to 9 in steps of 2",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 9, step: 2 }, rate: 2 } ]",
    "clocks[0].rate: found 2, allowed is 4",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 9, step: 2 }, rate: 10 } ]",
    "clocks[0].rate: found 10",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 3, step: 1 } } ]",
    "clocks[0].range.max: found 3, allowed is min (4) or more",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 9, step: 0 } } ]",
    "clocks[0].range.step: found 0, allowed is a whole number from 1",
  ],
  [
    "clocks: [ { id: 0, name: c, range: { min: 4, max: 9 } } ]",
    "clocks[0].range.step: found nothing, allowed is",
  ],
  [
    "clocks: [ { id: 0, name: c, rates: [4], range: { min: 4, max: 9, step: 1 } } ]",
    "clocks[0].range: found both rates and range, allowed is one of them",
  ],
  // Resets and devices
  ["resets: [ { id: 2, name: c }, { id: 2, name: d } ]", "resets[1].id: found 2, which resets[0] has"],
  ["devices: [ { id: 2, name: c }, { id: 2, name: d } ]", "devices[1].id: found 2, which devices[0] has"],
  [
    "devices: [ { id: 2, name: c, clocks: [3] } ]",
    "devices[0].clocks[0]: found 3, allowed is none: the board lists no clock",
  ],
  ["devices: [ { id: 2, name: c, resets: [3] } ]", "devices[0].resets[0]: found 3, allowed is none"],
  [
    "devices: [ { id: 2, name: c, powerDomains: [0] } ]",
    "devices[0].powerDomains[0]: found 0, allowed is none",
  ],
  ["devices: [ { id: 2, name: c, resets: [4, 4] } ]", "devices[0].resets[1]: found 4 again, allowed is once"],
  [
    "devices: [ { id: 2, name: c, defaultAccess: some } ]",
    'devices[0].defaultAccess: found "some", allowed is none, all, or a list',
  ],
  [
    "devices: [ { id: 2, name: c, defaultAccess: [0, 9] } ]",
    "devices[0].defaultAccess[1]: found 9, allowed is a listed agent: 0",
  ],
  [
    "devices: [ { id: 2, name: c, staticOwner: 9 } ]",
    "devices[0].staticOwner: found 9, allowed is a listed agent: 0",
  ],
  // Switches
  ["switches: [a]", "switches: found a list of 1, allowed is a map of switches"],
  ["switches: { leak: true }", "switches.leak: is not a switch, allowed are smtBusyLeak, "],
  ["switches: { toString: 1 }", "switches.toString: is not a switch"],
  ["switches: { sizeCheck: any }", 'switches.sizeCheck: found "any", allowed is exact, atLeast'],
  [
    "switches: { resetLatencyUs: [1] }",
    "switches.resetLatencyUs: found a list of 1, allowed is a whole number",
  ],
  ["switches: { rangeStatus: { other: DENIED } }", "switches.rangeStatus.other: is not a switch"],
  ["switches: { rangeStatus: DENIED }", "switches.rangeStatus: is not a switch"],
  [
    "deviceOwnership: shared\nswitches: { deviceOwnership: shared }",
    "switches.deviceOwnership: is given here and as firmware.deviceOwnership, allowed is once",
  ],
])("firmware: %j", (written, expected) => {
  expect(toldOf(boardWith(...written.split("\n")))).toContain(`firmware.${expected}`);
});

test.each([
  ["id: 255, funcId: 3, shmem: 0", "id: found 255, allowed is a whole number from 0 to 254"],
  ["id: 0, funcId: 3, shmem: 0", "id: found 0, which agents[0] has, allowed is one of its own"],
  [
    "id: 1, funcId: 0x82000002, shmem: 0",
    "funcId: found 0x82000002, which agents[0] has, allowed is one of its own",
  ],
  ["id: 1, funcId: 0x182000002, shmem: 0", "funcId: found 0x182000002, allowed is a 32-bit SMC function id"],
  [
    "id: 1, funcId: 3, shmem: 0x47ff0000",
    "shmem: found 0x47ff0000, which agents[0] has, allowed is one of its own",
  ],
  [
    "id: 1, funcId: 3, shmem: 0x47ff0800",
    "shmem: found 0x47ff0800, allowed is an address that is a multiple of 0x1000",
  ],
  ["id: 1, funcId: 3, shmem: 0x10000000000000", "shmem: found 0x10000000000000, allowed is an address"],
  ["id: 1, funcId: 3, shmem: -4096", "shmem: found -4096, allowed is an address"],
  ["id: 1, funcId: 3", "shmem: found nothing, allowed is an address"],
  [
    "id: 1, funcId: 3, shmem: 0, trusted: true",
    "trusted: is not a field here, allowed are id, name, funcId, shmem",
  ],
])("a second agent { %s }", (fields, expected) => {
  const text = boardWith().replace("} ]", `}, { name: b, ${fields} } ]`);
  expect(toldOf(text)).toContain(`firmware.agents[1].${expected}`);
});

test.each([
  ["name: [a, b\ndeviceTree: x", "line 2: Flow sequence in block collection must be sufficiently indented"],
  ["firmware:\n\tagents: []", "line 2: Tabs are not allowed as indentation"],
  ["name: a\nxen: {}\nname: b", "line 3: the field name is there twice, allowed is once"],
  ["xen: { acpi: on,\n acpi: on }", "line 2: the field acpi is there twice"],
  ["[a]: 1", "line 1: found a key that is not a name"],
  ["name: a\ndeviceTree: \0", "line 2: the character U+0000 is not allowed in YAML"],
  ["name: *a", "line 1: there is no anchor &a before this alias"],
  ["name: &a [ *a ]", "line 1: the alias *a contains itself"],
  ["name: a\n---\nname: b", "line 2: a second document begins, allowed is one"],
  ["name: !board x", "line 1: Unresolved tag: !board"],
  ["%YAML 1.1\n---\nname: x", "found YAML 1.1, allowed is YAML 1.2"],
  ["<<: { name: x }", '["<<"] (line 1): is not a field here'],
])("the YAML %j", (text, expected) => {
  expect(refusalOf(text)).toContain(expected);
});

describe("a refusal", () => {
  test("names the line of a field, of a field that is unknown, and of the item that misses one", () => {
    const text = [
      boardWith("clocks:", "  - id: 0", "    name: c", "    rate:", "      nine", "  - {}", "  - id: 1"),
      "      name: c",
      "      colour: red",
      "      range: &range {",
      "        min: 9, max: 8, step: 1 }",
      "    - { id: 2, name: d, range: *range }",
    ].join("\n");
    const lines = [...refusalOf(text).matchAll(/(\S+) \(line (\d+)\)/g)].map(([, path, line]) => [
      path,
      Number(line),
    ]);
    expect(lines).toEqual([
      ["firmware.clocks[0].rate", 8],
      ["firmware.clocks[1].id", 10],
      ["firmware.clocks[1].name", 10],
      ["firmware.clocks[2].colour", 13],
      ["firmware.clocks[2].range.max", 15],
      ["firmware.clocks[3].range.max", 15],
    ]);
  });

  test("names the switch that may have been meant", () => {
    expect(refusalOf(boardWith("switches: { smtBusyleak: on }"))).toMatch(/; did you mean smtBusyLeak\?$/);
  });

  test("tells every issue at once, in the order of the file", () => {
    const text = boardWith(
      "vendor: [x]",
      "clocks:",
      "  - { id: 0, name: c, rate: 1 }",
      "  - { id: 0, name: c, rate: no }",
      "powerDomains: [ { id: 5, name: p, parent: 6 } ]",
      "resets: [ { id: 1, name: r }, { id: 1, name: r } ]",
    );
    const found = [...refusalOf(text).matchAll(/(\S+) \(line \d+\)/g)].map((match) => match[1]);
    expect(found).toEqual([
      "firmware.vendor",
      "firmware.clocks[1].rate",
      "firmware.powerDomains[0].parent",
      "firmware.resets[1].id",
    ]);
  });

  test("says nothing about references to what is wrong in itself", () => {
    const text = boardWith("clocks: [ { id: 3 } ]", "devices: [ { id: 0, name: d, clocks: [3] } ]");
    expect(refusalOf(text)).not.toContain("devices");
  });

  test("lists twenty issues and counts the rest", () => {
    const resets = Array.from({ length: 50 }, () => "- { id: x, name: r }");
    const told = refusalOf(boardWith("resets:", ...resets));
    expect(told.match(/\(line/g)).toHaveLength(20);
    expect(told).toMatch(/; and 30 more$/);
  });

  test("cuts long texts", () => {
    expect(refusalOf(`name: ${"x/".repeat(100_000)}`).length).toBeLessThan(800);
    expect(refusalOf(`${"k".repeat(500)}: 1`).length).toBeLessThan(800);
  });
});
